"""Twilio's error codes, as far as calls, texts and their TwiML can meet them.

``REFUSALS`` are answers to a request: code -> (HTTP status, message). The others appear later, on an accepted
message (``DELIVERY``) or in the account's debugger (``ALERTS``, ``DOCUMENTS``).
"""

from __future__ import annotations

from collections import defaultdict

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"

REFUSALS: dict[int, tuple[int, str]] = {
	10004: (400, "Call concurrency limit exceeded: {value}"),
	20001: (400, "Not in the API's description: {problem}"),
	20003: (401, "Authenticate"),
	20005: (403, "Account not active"),
	20007: (400, "Page size must be between 1 and 1000"),
	20009: (409, "Cannot delete this resource before it is complete"),
	20404: (404, "The requested resource {path} was not found"),
	20422: (400, "Invalid value for parameter {name}: '{value}'"),
	20429: (429, "Too Many Requests"),
	20500: (500, "An internal server error has occurred"),
	21201: (400, "No 'To' number is specified"),
	21205: (400, "Url is not a valid URL: {value}"),
	21206: (400, "SendDigits is not valid: {value}"),
	21208: (400, "Timeout is not valid: {value}"),
	21209: (400, "{name} must be GET or POST: {value}"),
	21210: (
		400,
		"The source phone number provided, {value}, is not yet verified for your account. You may only "
		"make calls from phone numbers that you've verified or purchased from Twilio.",
	),
	21211: (400, "The 'To' number {value} is not a valid phone number."),
	21212: (400, "The 'From' number {value} is not a valid phone number."),
	21213: (400, "'From' phone number is required"),
	21214: (400, "'To' phone number cannot be reached: {value}"),
	21215: (
		400,
		"Account not authorized to call {value}. Perhaps you need to enable some international permissions.",
	),
	21216: (400, "Account not allowed to call {value}"),
	21217: (400, "Phone number does not appear to be valid: {value}"),
	21218: (400, "Invalid ApplicationSid: {value}"),
	21219: (
		400,
		"The number {value} is unverified. Trial accounts may only make calls to verified numbers.",
	),
	21220: (400, "{problem}"),
	21234: (400, "Invalid Machine Detection configuration value: {name} {value}"),
	21408: (
		400,
		"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {value}",
	),
	21602: (400, "Message body is required."),
	21603: (400, "A 'From' phone number is required."),
	21604: (400, "A 'To' phone number is required."),
	21606: (
		400,
		"The 'From' phone number provided ({value}) is not a valid, SMS-capable inbound phone number or "
		"short code for your account.",
	),
	21608: (
		400,
		"The number {value} is unverified. Trial accounts cannot send messages to unverified numbers; verify "
		"{value} at twilio.com/user/account/phone-numbers/verified, or purchase a Twilio number.",
	),
	21609: (400, "The 'StatusCallback' URL {value} is not a valid URL."),
	21610: (400, "Attempt to send to unsubscribed recipient"),
	21611: (400, "This 'From' number has exceeded the maximum number of queued messages"),
	21612: (400, "The 'To' phone number {value} is not currently reachable via SMS"),
	21614: (400, "'To' number is not a valid mobile number: {value}"),
	21617: (400, "The concatenated message body exceeds the 1600 character limit"),
	21624: (400, "ValidityPeriod must be between 1 and 36000: {value}"),
	21626: (
		400,
		"Invalid StatusCallbackEvent '{value}'. Valid events are initiated, ringing, answered and completed.",
	),
	21658: (400, "Parameter {name} exceeds the {limit} character limit"),
	21659: (400, "'From' {value} is not a Twilio phone number or Short Code country mismatch"),
	21660: (400, "Mismatch between the 'From' number {value} and the account"),
	21701: (404, "The Messaging Service {value} does not exist"),
	21703: (400, "The Messaging Service {value} does not contain any phone numbers"),
	21705: (400, "The Messaging Service Sid {value} is invalid"),
	30029: (400, "Invalid ContentRetention: {value}"),
	30030: (400, "Invalid AddressRetention: {value}"),
	30400: (400, "Parameters are not valid: {problem}"),
	30409: (409, "This message cannot be canceled: it is {state}"),
	35111: (400, "SendAt timestamp is missing"),
	35114: (400, "SendAt time must be between 300 seconds and 35 days in the future, inclusive"),
	35118: (400, "MessagingServiceSid is required to schedule a message"),
	63038: (429, "Account exceeded the daily messages limit"),
}

DELIVERY: dict[int, str] = {
	30001: "Queue overflow",
	30002: "Account suspended",
	30003: "Unreachable destination handset",
	30004: "Message blocked",
	30005: "Unknown destination handset",
	30006: "Landline or unreachable carrier",
	30007: "Message filtered",
	30008: "Unknown error",
	30009: "Missing inbound segment",
	30010: "Message price exceeds max price",
	30022: "US A2P 10DLC - Rate limits exceeded",
	30023: "US A2P 10DLC - Daily message cap reached",
	30027: "US A2P 10DLC - T-Mobile daily message limit reached",
	30029: "Invalid ContentRetention",
	30030: "Invalid AddressRetention",
	30032: "Toll-Free number has not been verified",
	30034: "US A2P 10DLC - Message from an unregistered number",
	30036: "Validity period expired",
}

ALERTS: dict[int, str] = {
	23002: "Phone number redaction is incompatible with the default opt-out handling",
	23004: "Phone number redaction is incompatible with a messaging service's opt-out handling",
	23006: "Message redaction is incompatible with inbound webhooks by GET",
}

DOCUMENTS: dict[int, str] = {
	11200: "HTTP retrieval failure",
	11205: "HTTP connection failure",
	11210: "HTTP bad host name",
	11750: "TwiML response body too large",
	11770: "Empty response body",
	12100: "Document parse failure",
	12102: "The root element must be Response",
	12200: "Schema validation warning",
	12300: "Invalid Content-Type",
	13201: "Dial: Cannot Dial out from a Dial Call Segment",
	13210: "Dial: Invalid method value",
	13212: "Dial: Invalid timeout value",
	13213: "Dial: Invalid hangupOnStar value",
	13214: "Dial: Invalid callerId value",
	13215: "Dial: Invalid nested element",
	13216: "Dial: Invalid timeLimit value",
	13217: "Dial: Invalid record value",
	13218: "Dial: Invalid sequential value",
	13219: "Dial: Invalid answerOnBridge value",
	13220: "Dial: Invalid ringTone value",
	13221: "Dial->Number: Invalid method value",
	13222: "Dial->Number: Invalid sendDigits value",
	13223: "Dial: Invalid phone number format",
	13224: "Dial: The number cannot be called or is invalid",
	13225: "Dial: Call blocked",
	13227: "Dial: Geographic permissions do not include the number",
	13310: "Gather: Invalid finishOnKey value",
	13312: "Gather: Invalid method value",
	13313: "Gather: Invalid timeout value",
	13314: "Gather: Invalid numDigits value",
	13320: "Gather: Invalid nested verb",
	13326: "Gather: Invalid input value",
	13327: "Gather: Invalid speechTimeout value",
	13332: "Gather: Invalid bargeIn value",
	13333: "Gather: Invalid profanityFilter value",
	13338: "Gather: Invalid actionOnEmptyResult value",
	13410: "Play: Invalid loop value",
	13430: "Play: Invalid DTMF string",
	13510: "Say: Invalid loop value",
	13520: "Say: Invalid text",
	13521: "<Say> element character limits exceeded",
	13610: "Record: Invalid method value",
	13611: "Record: Invalid timeout value",
	13612: "Record: Invalid maxLength value",
	13613: "Record: Invalid finishOnKey value",
	13614: "Record: Invalid transcribe value",
	13616: "Record: playBeep must be true or false",
	13619: "Record: Transcription is not available for this recording",
	13621: "Invalid recordingStatusCallbackEvent",
	13699: "Record: Invalid trim value",
	21626: "Invalid statusCallbackEvent",
}


def is_code(value: object) -> bool:
	"""Return whether it has the form of a Twilio error code, listed here or not."""
	return isinstance(value, int) and not isinstance(value, bool) and 10000 <= value < 100000


class ApiError(Exception):
	"""A request the carrier refuses; ``body()`` is the JSON that Twilio would answer.

	``status`` replaces the code's own HTTP status. A code that is not in the tables is refused all the same,
	because Twilio has more codes than are listed here.
	"""

	def __init__(self, code: int, status: int | None = None, **facts: object):
		self.code = code
		usual, template = REFUSALS.get(code, (400, f"Error {code}"))
		self.status = status or usual
		self.message = template.format_map(defaultdict(str, facts))
		super().__init__(self.message)

	def body(self) -> dict:
		return {
			"code": self.code,
			"message": self.message,
			"more_info": MORE_INFO.format(code=self.code),
			"status": self.status,
		}
