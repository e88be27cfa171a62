(() => {
	const FIXES = {
		INVALID_NUMBER: "query-report/Bad Numbers",
		UNSUPPORTED_COUNTRY: "dialer-policy",
		OPTED_OUT: "query-report/Opt-out Log and Latency",
		CARRIER_BLOCKED: "query-report/Opt-out Log and Latency",
		WRITTEN_CONSENT_REQUIRED: "contact-consent",
		CONSENT_EXPIRED: "contact-consent?status=Expired",
		CONSENT_STALE: "contact-consent?status=Granted",
		NO_CONSENT: "contact-consent",
		MISSING_DATA: "dialer-message-template",
		NO_TIME_ZONE: "guardian",
	};
	const link = (path, text) =>
		`<a href="/${frappe.boot.school_dialer.desk}/${encodeURI(path)}">${text}</a>`;

	frappe.query_reports["Blocked Calls by Reason"] = {
		filters: [
			...school_dialer.fields.period(__("Campaigns from"), 30),
			school_dialer.fields.campaign(),
			school_dialer.fields.any_purpose(),
			school_dialer.fields.any_channel(),
		],
		formatter(value, row, column, data, format) {
			const shown = format(value, row, column, data);
			if (!data || !data.code) return shown;
			if (column.fieldname === "reason") return link(people(data.code), shown);
			if (column.fieldname === "remedy" && FIXES[data.code]) return link(FIXES[data.code], shown);
			return shown;
		},
	};

	function people(code) {
		const campaign = frappe.query_report.get_filter_value("campaign");
		const reasons = JSON.stringify(["like", `%${code}%`]);
		return `dialer-recipient?status=Blocked&reasons=${reasons}${campaign ? `&campaign=${campaign}` : ""}`;
	}
})();
