"""Words that mention a student's records: attendance, fees and grades.

They cover the languages the system itself speaks. They are regular expressions over one sentence in lower
case and NFKC, with `child` in place of a field that names a student, and without marks on Arabic. For each
language:

- `child`: how a message refers to the family it is for;
- `general`: phrases that contain such a word but reveal no record, such as an invitation to report absences;
  removed first;
- `supposed`: a clause with "if", "those who" or "please avoid" before the word, which does not reveal a
  record either;
- `happened`: what in such a clause says that it did happen;
- for each topic, `alone`: enough by itself; `about_child`: only next to `child`.
"""

from dataclasses import dataclass, field

ATTENDANCE, FEES, ACADEMIC = "attendance", "fees", "academic"


@dataclass(frozen=True, slots=True)
class Vocabulary:
	child: str
	supposed: str
	happened: str
	alone: dict[str, tuple[str, ...]]
	about_child: dict[str, tuple[str, ...]]
	general: tuple[str, ...] = ()
	unmarked: dict[str, tuple[str, ...]] = field(default_factory=dict)
	"""Words written without the language's marks, which count only if the language is known."""


_COURSE = (
	r"(?:class(?:es)?|course|subject|math\w*|algebra|geometry|english|reading|writing|science|biology|chemistry"
	r"|physics|history|spanish|exams?|tests?|quiz(?:zes)?|finals?|midterms?|semester|term|grade|year)"
)
_SCHOOL = r"(?:school|class(?:es)?|(?:\w+ )?periods?|lessons?|homeroom|campus|course)"
_FEW = r"(?:[\w'-]+ ){0,3}"
_ENGLISH_FEE = (
	r"(?:fees?|tuition|balance|account|payments?|invoices?|bills?|dues|fines?|charges?|installments?)"
)

ENGLISH = Vocabulary(
	child=(
		r"\b(?:your|the|our) (?:\w+ )?(?:child|children|son|daughter|kids?|students?|teen|grand(?:child|son|daughter)|scholar|ward"
		r"|family)\b|\bchild\b|\b(?:he|she|his|her)\b|\byou(?:r|'ve)?\b"
		r"|\b(?!(?:today|tomorrow|yesterday|school|year|week|month|district|parent|teacher|principal|let|that|it|what|here|there)'s)"
		r"\w+'s\b"
	),
	supposed=(
		r"\b(?:if|whenever|when|unless|in case|in the event|should your|any (?:student|child|time)|anyone|(?:students|children|those|pupils) (?:who|with|that|absent|$)|\bno"
		r"|to avoid|to prevent|avoid|must not|may not|cannot|how to|what to do|(?:will|would|might|may|going to|must) be)\b"
	),
	happened=r"\b(?:was|were|has|have|had|today|yesterday|this morning)\b",
	general=(
		r"\breport(?:ing)? (?:[\w']+ ){0,4}(?:absences?|absent|tardy|tardies)\b",
		r"\b(?:absence|attendance|truancy|tardy|tuition|fee|grading|grade) (?:line|hotline|policy|policies|form|forms|portal|office|notes?|clerk|laws?"
		r"|procedures?|bell|slips?|waivers?|assistance|schedules?|awareness|counter|calculator)\b",
		r"\bleave of absence\b|\babsent-?minded\b|\babsentee ballots?\b",
		r"\battendance (?:at|is (?:required|mandatory|optional|encouraged|appreciated|limited|free|not required|expected))\b",
		r"\b(?:students|children|those|pupils) absent (?:on|from|for|during)\b",
		r"\bin attendance\b|\btake attendance\b",
		r"\b(?:grades?|year) (?:\d+|k\b|pre-?k|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|levels?)(?:\s*(?:-|to|through|and|,)\s*(?:\d+|\w+\b))?",
		r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|all|each|every|other|lower|upper|middle|which|what)[ -]grade\w*",
		r"\b(?:work|life)[ -](?:life )?balance\b",
		r"\bwe owe\b[^,]*|\bfail(?:s|ed|ure)? to (?:respond|reply|attend|call|sign|register|pick)\b",
		r"\b(?:school )?bus(?:es)?\b[^,]*\blate\b|\bno (?:fees?|charge|tuition|cost)\b|\bfee[ -]free\b",
	),
	alone={
		ATTENDANCE: (
			r"\babsent\b|\btruan(?:t|cy)\b|\btard(?:y|ies|iness)\b|\bunexcused\b|\bno[ -]show\b",
			r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|several|multiple|excused|unverified|unexplained|excessive|repeated|recorded|chronic|total|another)"
			r" (?:\w+ )?(?:absences?|absenteeism|late arrivals?)\b",
			r"\b(?:skipp(?:ed|ing)|skips|ditch(?:ed|ing)|cut|cutting|missed|missing|misses|been out of) "
			+ _FEW
			+ _SCHOOL
			+ r"\b",
			r"\bmissed (?:\w+ ){0,2}days\b|\b(?:today|yesterday)'s absence\b",
			r"\b\w+ (?:is|was) (?:still )?not (?:in|at) (?:school|class)\b(?! (?:system|district))",
			r"\bwe missed (?:your \w+|child)\b|\battendance for child\b|\battendance for your (?:child|son|daughter|student)\b",
			r"\b(?:was|did|has)(?: not|n't) (?:\w+ ){0,2}?(?:in|at|to|attend\w*|present in) (?:\w+ ){0,2}"
			+ _SCHOOL
			+ r"\b",
			r"\blate (?:to|for) " + _FEW + _SCHOOL + r"\b",
		),
		FEES: (
			r"\b(?:past[ -]due|arrears|delinquent|unpaid|non-?payment|in collections)\b",
			r"\b(?:overdue|outstanding|negative|low|remaining|unsettled|late|missed|insufficient) (?:\w+ ){0,2}"
			+ _ENGLISH_FEE
			+ r"\b",
			r"\b"
			+ _ENGLISH_FEE
			+ r" (?:\w+ ){0,3}(?:overdue|outstanding|negative|late|owed|unpaid|declined|returned|bounced)\b",
			r"\b(?:balance|amount|payment|fees?|tuition|invoice|bill|account) (?:(?:is|are|was|of \S+|that is|now|still) ){0,3}due\b",
			r"\b(?:account|lunch|meal|cafeteria|tuition) balance\b|\bbalance of [$€£]?\s?\d|\b(?:amount|balance) (?:owed|owing)\b",
			r"\b(?:card|payment|check) (?:was |has been )?(?:declined|returned|rejected)\b|\bbehind on (?:\w+ ){0,2}(?:tuition|payments?|fees?)\b",
			r"\b(?:settle|clear|pay off|bring current) (?:your|the|child) (?:\w+ )?(?:account|balance|debt|fees?)\b",
			r"\bneed to pay (?:the |your )?(?:\w+ ){0,2}(?:fee|fees|tuition|balance)\b[^,]* for (?!the\b|all\b|each\b|every\b)\w+",
			r"[$€£]\s?\d[\d.,]*[^.]{0,40}\b(?:due|overdue|owed|owing|outstanding)\b",
			r"\bnot (?:yet )?(?:been )?(?:paid|received (?:your|the|a) payment)\b",
			r"\b(?:you|your \w+|child|he|she|they) (?:still )?ow(?:e|es|ed)\b",
		),
		ACADEMIC: (
			r"\bfail(?:ed|ing|s) "
			+ _FEW
			+ _COURSE
			+ r"\b|\bfailing grades?\b|\bacademic (?:probation|warning|suspension)\b",
			r"\b(?:missing|incomplete|overdue|late|unsubmitted) (?:\w+ )?(?:assignments?|homework|classwork|coursework|schoolwork|projects?)\b",
			r"\b(?:has|have|got|getting|earned|received|scored|with) (?:an? )?[a-df][+-]? (?:in|on|for) \w+",
			r"\b(?:not|n't) passing\b|\bearned straight a'?s\b|\bmay not graduate\b|\b(?:did|is doing|doing|performed) poorly (?:on|in)\b",
			r"\bscored \d+|\b(?:gpa|grade point average) (?:is|was|of|dropped|fell|below)\b",
			r"\bgrades? (?:in|on|is|was|of|dropped|fell|below|has dropped) (?!level)\w+",
		),
	},
	about_child={
		ATTENDANCE: (
			r"\babsences?\b|\babsenteeism\b",
			r"\b(?:not|n't|never|nor) (?:\w+ ){0,3}(?:in|at|to|attend\w*|present in) (?:\w+ ){0,2}"
			+ _SCHOOL
			+ r"\b",
			r"\b(?:not|n't|never|yet to) (?:yet )?(?:arriv\w+|check(?:ed)? in|shown? up|present|accounted)\b",
			r"\b(?:was|were|arrived|came|comes|been|marked|is|being|arriving) (?:\w+ ){0,2}late\b",
			r"\b(?:marked|was|were) (?:as )?present\b",
			r"\bleft (?:the )?" + _SCHOOL + r"\b|\b(?:child|son|daughter|student|'s|his|her) attendance\b",
			r"\battendance (?:record|rate|percentage|is|was|has|fell|dropped|concerns?|issues?|problems?|of)\b",
		),
		FEES: (
			r"\b(?:your|child|his|her|\w+'s) (?:\w+ ){0,3}(?:fees?|tuition|balance|invoice|bill|dues|fines?|school account|payment)\b"
			r"(?=.*(?:\bdue\b|pay|paid|ow(?:e|ing)|remain|late|declin|receiv|[$€£]|amount|charge|below|negative|low\b|collect))",
		),
		ACADEMIC: (
			r"\b(?:failing|failed|flunk\w+)\b|\bbehind in (?:reading|writing|math\w*|\w+ class|school|credits)\b|\bgrades? for (?:your|child)\b",
			r"\b(?:report cards?|transcripts?|progress reports?|gpa|grade point average)\b",
			r"\b(?:child|son|daughter|student|his|her|your|\w+'s) (?:[\w-]+ ){0,3}(?:grades?|scores?|marks?)\b",
			r"\b(?:test|exam|quiz|assessment|final) (?:scores?|results?|marks?|grades?)\b",
			r"\b(?:not|n't|never) (?:\w+ )?(?:turn(?:ed)?|hand(?:ed)?|submit(?:ted)?|complet\w+) (?:\w+ ){0,4}(?:assignments?|homework|projects?|essays?|work)\b",
			r"\b(?:held back|at risk of (?:not )?\w+|credit recovery|honou?r roll|repeat(?:ing)? (?:the|a) (?:grade|year|course))\b",
			r"\bpass(?:ed|ing)? (?:\w+ ){0,2}(?:exam|test|class|course|final)\b|\b(?:iep|504 plan|special education)\b",
			r"\b(?:detention|suspended|suspension|expelled|expulsion|disciplinary)\b",
		),
	},
)

_HIJO = r"(?:hij[oa]s?|niñ[oa]s?|estudiantes?|alumn[oa]s?|niet[oa]s?|representad[oa]s?|pupil[oa]s?|menor|acudid[oa])"
_CLASE = r"(?:clases?|escuela|colegio|liceo|plantel|lecci[oó]n|per[ií]odo)"

SPANISH = Vocabulary(
	child=rf"\b(?:sus?|tus?|el|la|del|al|nuestr[oa]) {_HIJO}\b|\bchild\b|\busted(?:es)?\b|\bsus?\b|\btus?\b",
	supposed=(
		r"\b(?:si|cuando|siempre que|en caso de|cualquier|quienes|para evitar|evite\w*|estudiantes que|alumnos que|los que|c[oó]mo"
		r"|estar[aá]|vaya a|va a|vayan a)\b"
	),
	happened=r"\b(?:fue|estuvo|ha|han|hoy|ayer|falt[oó]|esta mañana)\b",
	general=(
		r"\b(?:report|avis|notifi|inform)\w+ (?:[\wáéíóúñ]+ ){0,3}(?:ausencias?|inasistencias?|faltas?|tardanzas?)\b",
		r"\b(?:l[ií]nea|formulario|pol[ií]tica|oficina|reglamento|justificantes?) de (?:ausencias?|inasistencias?|asistencia|calificaciones|faltas)\b",
		r"\b(?:su )?asistencia (?:a |al |es |t[eé]cnica|m[eé]dica|financiera)",
		r"\bhace falta\b|\bhacen falta\b|\bsin falta\b|\bfaltan? (?:pocos?|\d+|solo|s[oó]lo)\b|\bsin costo\b|\btomar? nota\b",
		r"\b(?:n[uú]mero de )?nota informativa\b|\bgratis\b",
	),
	alone={
		ATTENDANCE: (
			r"\bausent(?:es?|[oó]|aron|ad[oa]s?|arse)\b|\binasistencias?\b|\btardanzas?\b|\bimpuntualidad\b",
			r"\bfalt(?:[oó]|aron|ado|ando)\b|\bfaltas? (?:sin|no|injustificadas?|de asistencia)\b",
			r"\bfalta a (?:la |su |las |sus )?" + _CLASE + r"\b",
			r"\bausencias? (?:\w+ )?(?:injustificadas?|sin justificar|no justificadas?|registradas?|del? hoy)\b",
			r"\b(?:\d+|una|dos|tres|varias|cuatro|cinco|registr\w+ (?:la|una)) ausencias?\b",
			r"\bno (?:se )?(?:present[oó]|asisti[oó]|asistieron|ha asistido|acudi[oó]|presentaron)\b",
			r"\btarde a (?:la |su |las |sus )?" + _CLASE + r"\b",
		),
		FEES: (
			r"\b(?:saldo|pagos?|cuotas?|facturas?|colegiaturas?|mensualidad(?:es)?|matr[ií]culas?|tarifas?|montos?|cuenta|deuda)(?: \w+){0,3} "
			r"(?:pendientes?|vencid[oa]s?|atrasad[oa]s?|negativ[oa]|deudor|impag[oa]s?|adeudad[oa]s?|rechazad[oa]s?|insuficiente|en mora)\b",
			r"\badeud\w+\b|\bmoros[oa]s?\b|\ben mora\b|\bimpag[oa]s?\b|\bdeben? (?:[$€]|\d|usd|pagar)|\bsu deuda\b",
			r"\b(?:saldo|deuda) de (?:[$€]|\d)",
			r"\bno (?:ha|han|hemos|se ha) (?:pagado|recibido (?:su|el) pago|liquidado)\b",
			r"\b(?:pago|cuota|colegiatura|matr[ií]cula|mensualidad|tarifa|factura)\b[^,]* vence\b",
		),
		ACADEMIC: (
			r"\breprob(?:[oó]|aron|ad[oa]s?|ando|ar)\b|\bbajo rendimiento\b|\bmaterias? pendientes?\b",
			r"\btareas? (?:\w+ )?(?:pendientes?|faltantes?|atrasadas?|sin entregar|incompletas?)\b",
			r"\b(?:sac[oó]|obtuvo) (?:un |una )?(?:[a-df]\b|\d|mala|baja|buena)",
			r"\b(?:notas|calificaciones) de \w+ (?:baj|son|est[aá]n|mejor|empeor)\w*|\bva (?:muy )?mal en\b",
			r"\bcalificaci[oó]n(?:es)? (?:de|en|es|baj\w+|final|reprobatori\w+)\b",
		),
	},
	about_child={
		ATTENDANCE: (
			r"\bausencias?\b|\blleg(?:[oó]|aron|ado|a) (?:\w+ )?tarde\b|\b(?:estuvo|est[aá]|fue) (?:\w+ )?presente\b",
			r"\bno (?:ha |est[aá] |estuvo |vino |lleg[oó] |fue |entr[oó] )(?:\w+ ){0,3}"
			+ _CLASE
			+ r"\b|\bno (?:ha )?lleg(?:ado|[oó])\b",
			r"\basistencia de\b|\bfaltas\b|\bsali[oó] de (?:la )?" + _CLASE + r"\b",
		),
		FEES: (
			r"\b(?:su|sus|tu) (?:\w+ ){0,2}(?:saldo|pago|cuotas?|colegiatura|matr[ií]cula|mensualidad|factura)\b"
			r"(?=.*(?:venc|pend|pag|deb|atras|[$€]|\d))",
		),
		ACADEMIC: (
			r"\bcalificaci[oó]n(?:es)?\b|\bbolet(?:a|[ií]n|as|ines)\b|\bpromedio\b|\brendimiento\b|\bexpediente acad[eé]mico\b",
			r"\bnotas?\b(?! (?:de prensa|informativa))|\bsuspend(?:i[oó]|id[oa])\b|\bresultados? (?:de|del|en) (?:\w+ )?(?:ex[aá]men(?:es)?|pruebas?)\b",
			r"\baprob[oó]\b|\bno (?:ha )?entreg(?:[oó]|ado)\b|\brepetir (?:el )?(?:grado|año|curso)\b|\bexpuls\w+\b|\bdetenci[oó]n\b",
		),
	},
)

_TIFL = (
	r"(?:(?:ا?بن(?:ت|اء|ات)?|ولد|اولاد|طفل(?:ت)?|اطفال|نجل|كريمت|ابناؤ|ابنائ)(?:ك|كم|كما|كن)|الطالبه?|child)"
)

ARABIC = Vocabulary(
	child=rf"(?:^|[^\w]){_TIFL}(?:[^\w]|$)|\w(?:كم|ك)\b|child",
	supposed=r"\b(?:اذا|ان|لو|عند|في حال|في حاله|لتجنب|اي طالب|سوف|س?يكون|الطلاب الذين)\b",
	happened=r"\b(?:كان|كانت|اليوم|امس|لم|تغيب|تغيبت|غاب|غابت)\b",
	general=(
		r"(?:الابلاغ|ابلاغ|ابلغ\w*|للابلاغ) عن (?:\w+ )?(?:ال)?غياب\w*",
		r"سياسه (?:ال)?(?:غياب|حضور)|درج(?:ه|ات) الحراره|بدون رسوم|مجانا",
	),
	alone={
		ATTENDANCE: (
			r"\b(?:ال)?غائب(?:ه|ا|ين|ون)?\b|\b(?:م|ت|ي)?تغيب(?:ت|ه|وا)?\b|\bغاب(?:ت|وا)?\b|\bمتغيب\w*\b",
			r"\bغياب(?:ه|ها)?\b(?=.*(?:بدون|بلا|دون|غير|مبرر|عذر|\d|تسجيل))|(?:سجل|تسجيل)\w* (?:\w+ )?غياب\w*",
			r"\bلم (?:ي|ت)حضر\w*\b|\bغير مبرر\w*\b",
		),
		FEES: (
			r"(?:رسوم|مبلغ|اقساط|قسط|رصيد|مستحقات|دفعه|فاتوره|مصاريف)\w*(?: \w+){0,3} (?:ال)?(?:مستحق|متاخر|متبق|سالب|غير مدفوع|معلق|متراكم)\w*",
			r"\bغير مدفوع\w*\b|\bمتاخرات\b|\bمستحقات\b|\bلم (?:ي|ت)(?:دفع|سدد|تم (?:دفع|سداد|تسديد))\w*|\bرصيد\w* (?:مستحق|سالب|مدين)\w*",
		),
		ACADEMIC: (
			r"\b(?:رسب(?:ت)?|راسب\w*|الرسوب|رسوب)\b|\b(?:واجب\w*|وظائف)(?: \w+){0,2} (?:ناقص|متاخر|غير مسلم|مفقود)\w*",
			r"\bلم (?:ي|ت)سلم\w*(?: \w+){0,3} (?:ال)?واجب\w*",
		),
	},
	about_child={
		ATTENDANCE: (
			r"\b(?:ال)?غياب\w*\b|\bحضور\b|\bلم (?:ي|ت)(?:ات|صل|كن)\w*\b|\b(?:م|ت)?تاخر(?:ت|ا|ه)?\b|\bليس(?:ت)? في (?:ال)?(?:مدرسه|صف)\b",
		),
		FEES: (r"\b(?:رسوم|اقساط|قسط|رصيد|مبلغ|فاتوره|مصروفات)\w*\b(?=.*(?:مستحق|دفع|سداد|تسديد|\d|متاخر))",),
		ACADEMIC: (
			r"\b(?:ال)?(?:درج(?:ه|ات|ت)|علام(?:ه|ات|ت)|نتيج(?:ه|ت)|نتائج|معدل|شهاد(?:ه|ت)|تقدير)\w*\b|\bامتحان\w*\b(?=.*(?:نجح|اجتاز|نتيج))",
			r"\b(?:فصل|ايقاف|عقوبه|تاديب)\w* (?:من المدرسه)?",
		),
	},
)

VIETNAMESE = Vocabulary(
	child=(
		r"\bcon (?:của )?(?:quý|anh|chị|ông|bà|em|bạn|phụ huynh|mình|trai|gái)\b|\bcon em\b|\bcháu\b|\bhọc sinh child\b|\bchild\b"
		r"|\bem (?:ấy|đã|bị|không)\b|\bquý (?:vị|phụ huynh)\b"
	),
	supposed=r"\b(?:nếu|khi|trong trường hợp|bất kỳ|để tránh|những học sinh|sẽ)\b",
	happened=r"\b(?:đã|hôm nay|hôm qua|sáng nay|bị)\b",
	general=(
		r"\b(?:báo|thông báo|xin phép) (?:\w+ ){0,2}(?:vắng mặt|vắng|nghỉ học)(?= (?:xin|vui lòng|gọi|theo|qua|tại))",
		r"\b(?:chính sách|quy định|đường dây) (?:\w+ ){0,2}(?:vắng mặt|điểm danh|học phí|nghỉ học)\b",
		r"\b(?:toàn trường|tất cả học sinh|các em) (?:được |sẽ )?nghỉ học\b|\bmiễn phí\b|\b(?:địa|thời|đặc|quan|cao|trọng) điểm\b",
	),
	alone={
		ATTENDANCE: (
			r"\bvắng mặt\b|\bvắng (?:học|tiết|có phép|không phép|buổi|\d+)\b|\btrốn (?:học|tiết)\b|\bbỏ (?:học|tiết|lớp)\b",
			r"\bđi (?:học )?(?:trễ|muộn)\b|\b(?:đến|vào) (?:trường|lớp|học) (?:trễ|muộn)\b|\bnghỉ học không phép\b",
		),
		FEES: (
			r"\b(?:nợ|thiếu|quá hạn|trễ hạn) (?:tiền )?(?:học phí|phí|tiền)\b|\bcòn nợ\b|\b(?:học phí|khoản phí|hóa đơn|tiền \w+|số tiền|khoản)(?: \w+){0,4} "
			r"(?:quá hạn|đến hạn|trễ hạn|chưa (?:thanh toán|đóng|nộp|trả))\b",
			r"\bchưa (?:thanh toán|đóng|nộp|trả) (?:\w+ ){0,2}(?:học phí|phí|tiền|hóa đơn)\b|\bsố dư\b",
		),
		ACADEMIC: (
			r"\b(?:thi|bị) (?:trượt|rớt|hỏng)\b|\bđiểm (?:kém|thấp|dưới|liệt)\b|\bkhông đạt (?:môn|yêu cầu|điểm)\b|\bở lại lớp\b",
			r"\b(?:chưa|không) nộp (?:\w+ )?bài\b|\bthiếu bài\b|\bbài tập (?:còn thiếu|chưa nộp|quá hạn)\b",
		),
	},
	about_child={
		ATTENDANCE: (
			r"\bvắng\b|\bnghỉ học\b|\bkhông (?:có mặt|đến|đi|tới|vào) ?(?:ở |tại )?(?:trường|lớp|học)?\b|\bchuyên cần\b|\b(?:trễ|muộn)\b",
		),
		FEES: (r"\b(?:học phí|khoản phí|tiền ăn|tiền học)\b(?=.*(?:hạn|đóng|nộp|thanh toán|trả|\d))",),
		ACADEMIC: (
			r"\bđiểm(?: số| thi| kiểm tra| trung bình| môn)?\b|\bbảng điểm\b|\bhọc bạ\b|\bphiếu (?:điểm|liên lạc)\b|\bhọc lực\b",
			r"\bkết quả (?:học tập|thi|kiểm tra|học kỳ)\b|\b(?:kỷ luật|đình chỉ)\b",
		),
	},
	unmarked={
		ATTENDANCE: (r"\bvang mat\b|\bvang hoc\b|\bdi (?:hoc )?(?:tre|muon)\b|\btron hoc\b",),
		FEES: (r"\bno hoc phi\b|\bcon no\b|\bqua han\b|\bchua (?:dong|thanh toan)\b",),
		ACADEMIC: (r"\bbang diem\b|\bdiem (?:kem|thap|thi|so)\b|\bthi (?:truot|rot)\b",),
	},
)

CHINESE = Vocabulary(
	child=r"孩子|儿子|兒子|女儿|女兒|子女|子弟|贵子|貴子|同学|同學|child|您|你",
	supposed=r"如果|如[^下]|若|假如|倘若|任何|为避免|為避免|凡|要是",
	happened=r"今天|昨天|今日|昨日|已经|已經|被|了",
	general=(
		r"(?:报告|報告|通报|申报)(?:缺席|缺勤|缺课|缺課)|(?:缺席|考勤|出勤|收费|收費|评分|評分)(?:政策|制度|热线|熱線|规定|規定)",
		r"(?:年级|年級|免费|免費|不收费|不收費)",
	),
	alone={
		ATTENDANCE: (
			r"缺席|缺课|缺課|缺勤|旷课|曠課|逃课|逃課|逃学|逃學|迟到|遲到|早退|未到校|未出席|未到课|无故不到|無故不到",
			r"(?:没有|没|沒有|沒|未)(?:有)?(?:来|來|到|去|上)(?:上)?(?:学|學|课|課|校)",
		),
		FEES: (
			r"欠费|欠費|欠款|补缴|補繳|补交|補交|欠缴|欠繳|拖欠|尚欠|未缴|未繳|未付|未支付|未交费|未交学费|未结清|未結清|待缴|待繳|应缴|應繳|欠学费",
			r"(?:费|費|款|账单|帳單|账户|金额)[^,，]{0,8}(?:逾期|到期|过期|過期|不足)|逾期[^,，]{0,6}(?:费|費|款|付|缴|繳)|余额不足|餘額不足",
		),
		ACADEMIC: (
			r"不及格|(?:考试|考試|测验|測驗)[^,，]{0,4}(?:没有?|沒有?|未)(?:能)?(?:通过|通過)|(?:他|她)的?(?:\w{0,4})(?:分数|分數|成绩|成績)|挂科|掛科|留级|留級|补考|補考|缺交作业|缺交作業|(?:未|没有?|沒有?)(?:按时)?(?:提?交)(?:的)?(?:作业|作業)",
		),
	},
	about_child={
		ATTENDANCE: (r"出勤|考勤|不在(?:学校|學校|课堂|課堂|教室|校)|没有?到|沒有?到",),
		FEES: (r"(?:学费|學費|费用|費用|餐费|餐費|余额|餘額|账单|帳單)(?=.*(?:缴|繳|付|交|到期|欠|元|\d))",),
		ACADEMIC: (r"成绩|成績|分数|分數|得分|平均分|绩点|績點|处分|處分|停学|停學|考试结果|考試結果",),
	},
)

VOCABULARIES = {"en": ENGLISH, "es": SPANISH, "ar": ARABIC, "vi": VIETNAMESE, "zh": CHINESE}
