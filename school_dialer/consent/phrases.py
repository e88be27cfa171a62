"""The words of `opt_out`, as tables: English and Spanish first, a few keywords of other languages. Data only, no logic.

Words stand here as `plain_text` leaves them: lower case, no accents, no apostrophes. Patterns are read by `patterns`:
NAMES are word sets of `SETS`, `a|b` are alternatives, `x?` may be missing, `..3` stands for up to three words of any
kind, `^` and `$` are the ends of the clause.
"""


def words(text: str) -> frozenset[str]:
	return frozenset(text.split())


# Said around a keyword without changing it.
FILLERS = words(
	"""please pls plz plss plez pleas thanks thank thankyou thx ty tks hi hello hey ok okay okey k kindly just now immediately asap
	already sir maam mam guys lol omg ugh dear today yo dude bro porfavor porfa favor por gracias hola oiga oigan
	ya ahora inmediatamente buenas buenos dias tardes noches senor senora amen bye god sake um uh so well"""
)
# May follow a stop word that stands alone: "stop it", "stop this nonsense".
TAILS = words(
	"""it this that these those them nonsense crap shit bs spam bullshit madness harassment everything all of todo todos esto eso
	already forever completely altogether damn fucking right away me yo you msgs sms"""
)

# One of these, alone or with fillers, is an opt-out for certain.
STOP_KEYWORDS = words(
	"""stop stops stopp stopall unsubscribe unsub unsubscribed end quit cancel revoke optout remove unsuscribe unsubscribeme stoptexting
	stopit stopnow stopplease stopplz stopcalling
	alto altos parar pare paren parenle parale basta baste cancelar cancela cancele cancelen cancelado baja desuscribir desuscribirme
	desuscribirse desuscribe desinscribir terminar detener detente detenganse deten salir anular suspender suspendan stopping stopar
	para fin alta_no finalizar eliminar borrar quitar remover revocar retirar
	停止 退订 取消 退訂 停 توقف الغاء ايقاف إلغاء dung huy ngung стоп arret arretez parem"""
)
# Of these, the ones that also mean something else: for certain only when nothing but fillers stands with them.
WEAK_KEYWORDS = words(
	"""end quit cancel remove para parar fin baja alto salir terminar borrar quitar eliminar cancelado cancela cancele cancelar
	finalizar remover retirar stops stopping pare paren altos anular suspender detener 停 取消 dung huy"""
)
STOP_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """opt out|opt me out|opting out|opted out|opt us out|stop all|stop everything|stop it all|un subscribe|no more|no mas
no mas mensajes|no mas llamadas|dar de baja|darme de baja|dame de baja|deme de baja|denme de baja|darse de baja|de baja|baja total|alto ya
basta ya|ya basta|remove me|take me off|get me off|leave me alone|leave us alone|end all|cancel all|quit all|parar todo|paren todo
cancelar todo|alto todo|detener todo|dejen de|stop todo|no quiero|no deseo|end it|op out|opt oute|opt ot
no quiero nada|no los quiero|no las quiero|no quiero mas|no deseo mas|end texts|end calls|stop texts|stop calls|stop messages|do not contact
do not call|do not text|dont call|dont text|dung lai|huy dang ky|ngung gui|lose my number|i want out|im out|all stop""".replace(
		"\n", "|"
	).split("|")
)
# Typing slips of "stop" that are no words of their own.
STOP_SLIPS = words(
	"stopp stpo sotp stpp stp tsop stoppp sstop stop1 stopo stopl stoip sttop st0p 5top stahp stawp stap stoop stob stopi"
)
# Words one letter away from a keyword that are never meant as one.
NEAR_WORDS = words(
	"step stomp shop slop atop soap stow top stool stoup swop stock store story stout cancer canal cancels remote removed"
)
FUZZY_KEYWORDS = ("stop", "stopall", "unsubscribe", "cancelar", "cancel", "optout")

START_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """start|unstop|subscribe|resubscribe|resume|optin|opt in|opt me in|opt me back in|opt back in|start again|sign me up|sign me back up
inicio|iniciar|empezar|comenzar|comienzo|suscribir|suscribirme|reanudar|continuar|alta|darme de alta|dar de alta|开始|開始|订阅|ابدا|bat dau""".replace(
		"\n", "|"
	).split("|")
)
HELP_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """help|help me|info|information|ayuda|ayudame|informacion|auxilio|帮助|幫助|مساعده|مساعدة|tro giup""".split(
		"|"
	)
)

SETS: dict[str, frozenset[str]] = {
	"STOP": words("stop quit cease end discontinue halt cancel stoped stopping finish terminate knock")
	| STOP_SLIPS,
	"DEJAR": words(
		"""deja deje dejen dejenme dejame dejeme dejar dejaran dejes pare paren parar parale parenle cesen cese eviten
		basta terminen termine detengan alto eviten suspendan suspenda cancelen cancele cancelar cancela stop"""
	),
	"CONTACTING": words(
		"""texting txting txtin texting textin calling callin callng calln messaging msging messagin contacting phoning emailing spamming bothering
		harassing robocalling ringing dialing dialling pestering annoying bugging disturbing blowing hounding textng textinng"""
	),
	"SENDING": words("sending sendin sendng giving leaving making"),
	"CONTACT": words(
		"text txt txts call message msg contact email phone ring bother spam dm robocall disturb harass pester annoy bug dial txtme textme callme"
	),
	"SEND": words("send give leave"),
	"CONTACTED": words("texted called messaged contacted emailed phoned bothered txted disturbed"),
	"THINGS": words(
		"""text texts txt txts message messages mesages messeges msg msgs call calls phonecalls robocall robocalls robotexts alerts alert notification
		notifications notices reminders reminder updates emails email sms voicemails voicemail communications communication contact spam
		subscription texting calling phone number cell stuff junk crap shit blasts announcements newsletters
		mensaje mensajes mensages texto textos llamada llamadas yamadas alertas alerta avisos aviso notificaciones notificacion recordatorios correos
		suscripcion sms whatsapps comunicaciones numero telefono celular"""
	),
	"NOT": words("dont never not nor donot dnt dun"),
	"WANT": words("want wanna wish like care need desire"),
	"RECEIVE": words("receive recieve get have recive hear receiving getting"),
	"ME": words("me us my mi nos our"),
	"MINE": words("my our this mi nuestro este the"),
	"NUMBER": words(
		"number numbers phone cell cellphone mobile telephone info information contact landline nbr num numero telefono celular name"
	),
	"ANYMORE": words("anymore again ever more longer nomore evr agian any"),
	"REMOVE": words("remove take delete drop erase get scratch pull unsubscribe unregister strike keep rm"),
	"OFF": words("off from out of"),
	"LIST": words(
		"""list lists contact contacts database system call calling text texting message messages messaging notification notifications alert alerts
		records roster files file distribution group chat thread spam subscription calls texts dialer autodialer robocall robocalls lista listas
		contactos sistema base"""
	),
	"UNSUBSCRIBE": words(
		"""unsubscribe unsub unsuscribe unsubcribe unsubscrib unsubsribe unsubscirbe unsubscribes unsubscribing unscribe unsubscibe
		desuscribir desuscribirme desuscribame desuscriban desuscribeme"""
	),
	"CONSENT": words("consent permission authorization consentimiento permiso autorizacion"),
	"REVOKE": words("revoke withdraw revoking withdrawing rescind revoco retiro revocar retirar"),
	"MANDAR": words(
		"""enviar enviarme enviarnos mandar mandarme mandarnos llamar llamarme llamarnos yamar escribir escribirme escribirnos molestar molestarme
		molestarnos contactar contactarme contactarnos textear textearme marcar marcarme marcarnos hablar hablarme hostigar fastidiar
		comunicarse spamear acosar acosarme mandarle enviarle llamando mandando enviando molestando texteando"""
	),
	"MANDEN": words(
		"""envien envie envies enbien mandes manden mande llames llamen llame yamen yame escriban escriba escribas molesten moleste molestes
		contacten contacte contactes texteen textee textees marquen marque marques hablen hable hables llamar mandar enviar molestar escribir
		busquen fastidien llaman mandan envian escriben"""
	),
	"NO": words("no nunca jamas tampoco"),
	"QUIERO": words(
		"quiero queremos deseo deseamos necesito necesitamos quisiera quiere kiero autorizo acepto consiento"
	),
	"QUITAR": words(
		"""quitame quiteme quitenme quitenos saquenme saqueme sacame borrenme borreme borrame eliminenme elimineme eliminame remuevanme remuevame
		retirenme retireme denme deme dame darme dar quiero demen desuscribanme quitarme sacarme borrarme eliminarme"""
	),
	"QUITEN": words(
		"""quiten quite quita quitar borren borre borra borrar eliminen elimine elimina eliminar saquen saque saca sacar remuevan remueva
		remover retiren retire retirar olviden"""
	),
	"PUPIL": words("hijo hija hijos hijas estudiante alumno alumna nino nina kid child son daughter"),
	"SAID": words(
		"said told asked tell ask say asking telling begging need want must pls have gotta dije pedi"
	),
}

# Another meaning of the stop word that starts here: not a request.
IDIOMS = tuple(
	"""STOP by|in|at|sign|signs|over|for|light|lights|and|to|into|off
STOP worrying|fighting|bullying|eating|crying|laughing|working|raining|growing|serving|using|taking|going|coming|being|doing
STOP the bus|car|bill|bills|bleeding|fight|fights|violence|clock|presses|vote|cuts
STOP on STOP
bus|last|next|first|pit|non|full|one|our|truck|short|whistle STOP""".split("\n")
)

# (pattern, whether it is certain). An uncertain one takes effect at once too, and a human looks at it.
STOP_PATTERNS: tuple[tuple[str, bool], ...] = (
	("STOP ..3 CONTACTING", True),
	("STOP ..2 SENDING ..4 THINGS", True),
	("STOP ..1 SENDING ME|these|this|those|them|it|any|anything|everything|anymore|things|that", True),
	("STOP ..1 SENDING $", True),
	("STOP ..3 THINGS", True),
	("STOP ..1 CONTACT", True),
	("STOP ..2 MANDAR|MANDEN", True),
	("STOP all|everything|todo|todos|anything $", True),
	("^ STOP everything|all", True),
	("THINGS ..3 need|must|have|has|should|gotta|got|to|please|better ..2 STOP $", True),
	("you|yall|u|this|it|they ..2 need|must|have|has|should|gotta|better ..1 STOP $", True),
	("SAID ..3 STOP $", True),
	("make|making ..3 STOP $", True),
	("NOT ..1 CONTACT ME", True),
	("NOT ..1 CONTACT this|here|anymore|again|ever|these", True),
	("NOT ..1 CONTACT $", True),
	("NOT ..1 CONTACT the|our NUMBER|house|home|line", True),
	("NOT ..1 CONTACT", False),
	("NOT ..1 SEND ..4 THINGS", True),
	("NOT ..1 SEND ME ..3 ANYMORE", True),
	("NOT ..1 SEND ME|any|anything|these|this|anymore $", True),
	("NOT ..1 SEND ME anything|stuff|these|those|this|any|more", True),
	("NOT WANT ..3 CONTACTED", True),
	("NOT WANT ..6 THINGS", True),
	("NOT WANT ..2 RECEIVE ..3 these|those|this|them|any|anything|from|anymore", True),
	("NOT WANT these|those|this|them|anything|any $", False),
	("NOT WANT ..3 you|school|anyone ..1 CONTACTING|CONTACT|to", True),
	("no longer ..4 RECEIVE|CONTACTED|THINGS|CONSENT", True),
	("no longer interested|wish|want", True),
	("no ..2 THINGS please|anymore|ever|again|allowed", True),
	("no more ..4 THINGS", True),
	("no more CONTACTING", True),
	("no THINGS $", False),
	("enough ..2 THINGS", True),
	("NOT|no want|consent|agree ..3 to ..2 THINGS|CONTACTED|RECEIVE", True),
	("did not|nt|never sign|signed|agree|agreed|consent|subscribe|ask ..3 THINGS|this", False),
	("didnt sign|agree|consent|subscribe|ask ..3 THINGS|this", False),
	("never signed|agreed|consented|subscribed|asked ..3 THINGS|this", False),
	("REMOVE|lose|forget ..1 MINE ..2 NUMBER $", True),
	("REMOVE|lose|forget ..1 MINE ..2 NUMBER ..5 LIST", True),
	("REMOVE|lose|forget ..1 MINE ..2 NUMBER ..1 OFF", False),
	("REMOVE me|us|this ..3 OFF ..5 LIST", True),
	("REMOVE me|us|this OFF this|it|these|your|there $", True),
	("REMOVE me|us|this OFF $", True),
	("REMOVE me|us $", True),
	("REMOVE me|us OFF this|these|that|everything", True),
	("want|like ..1 OFF|removed ..4 LIST", True),
	("want|like ..2 be removed|taken", False),
	("^ off ..2 LIST", True),
	("UNSUBSCRIBE", True),
	("turn|shut|switch ..1 off ..2 THINGS", True),
	("turn|shut|switch ..1 THINGS off", True),
	("opt|opting|opted ..1 out $", True),
	("opt|opting ..1 out of ..3 THINGS|this|these|receiving|CONTACTING|CONTACTED|everything|all", True),
	("opt|opting ..1 out of", False),
	("^ opt ..1 out", True),
	("optout", True),
	("REVOKE ..3 CONSENT", True),
	("NOT ..2 CONSENT", True),
	("NOT interested $", False),
	("leave ..1 me|us|my alone", True),
	("leave me the hell|fuck alone", True),
	("go away $", False),
	("fuck|piss|bugger|buzz off", False),
	("block|blocking|blocked ..2 you|number|this", False),
	("report|reporting|sue|suing|lawyer|attorney|fcc ..4 THINGS|you|harassment|this|school", False),
	("this|that|its is? harassment", False),
	("do not call list", True),
	("only ..1 CONTACT ..4 emergency|emergencies", True),
	("only ..2 THINGS|CONTACT ..3 emergency|emergencies", True),
	("emergency|emergencies only", True),
	("only emergency|emergencies", True),
	("solo|solamente|nomas|unicamente ..4 emergencias|emergencia", True),
	("DEJAR|para ..1 de ..2 MANDAR", True),
	("DEJAR ..2 MANDAR", True),
	("DEJAR ..3 THINGS", True),
	("dejen|dejenme|dejeme|dejame|deja|dejenos ..2 en paz", True),
	("NO ..3 MANDEN ..4 THINGS", True),
	("NO me|nos|le|les MANDEN", True),
	("nunca|jamas ..3 MANDEN", True),
	("NO ..2 vuelvan|vuelva|vuelvas|volver ..1 a ..1 MANDAR", True),
	("NO ..1 MANDEN mas|nunca|aqui|nada $", True),
	("ya no MANDEN", True),
	("ya no ..2 MANDEN", True),
	("NO ..2 QUIERO ..3 THINGS", True),
	("NO ..2 QUIERO ..2 recibir|que|saber", True),
	("NO QUIERO mas|nada", True),
	("no mas ..3 THINGS|MANDAR", True),
	("no more|mas ..2 MANDAR", True),
	("QUITAR ..3 lista|listas|sistema|contactos", True),
	("QUITAR ..1 de baja", True),
	("QUITAR $", True),
	("QUITEN ..1 mi|este|nuestro ..1 NUMBER", True),
	("olviden|borren ..1 mi ..1 NUMBER", True),
	("REVOKE ..2 mi|el CONSENT", True),
	("no molestar|molesten|molestes|moleste", True),
	("不要再|别再|別再|请停止|請停止|不要", False),
)

# Said of calls and texts to somebody else, or about the wrong person.
WRONG_NUMBER_PATTERNS: tuple[tuple[str, bool], ...] = (
	("wrong number|numbr|nuber|num|no|person|phone|parent|family|house|guy|lady|cell", True),
	("number ..1 is ..1 wrong", True),
	("wrongnumber", True),
	("not my kid|child|son|daughter|student|kids|children", True),
	("not ..1 kid|child|son|daughter|student is|isnt mine", True),
	("dont|not|never have ..2 kid|kids|child|children|son|daughter|student|students", True),
	("no kids|children ..5 school|district|there|here", True),
	("have no kid|kids|child|children|student|students", True),
	("not ..1 parent|mom|mother|dad|father|guardian ..1 of", True),
	("no longer ..3 number|phone", True),
	("number belongs|belong to ..2 business|company|store|office|church", True),
	("number ..1 is a ..2 business|company|store|office|church", True),
	("number belongs|belong ..2 someone|somebody|another|different", True),
	("changed|switched|got ..3 this number", False),
	("not the ..2 right person|number", True),
	("nobody|noone ..2 by|with that|this name", True),
	("no one ..2 by|with that|this name", True),
	("dont know ..1 person|kid|child|student|whoever|who", False),
	("numero equivocado|incorrecto|erroneo|mal|equibocado", True),
	("numero ..2 equivocado|incorrecto|equivocados", True),
	("persona|telefono equivocada|equivocado|incorrecta|incorrecto", True),
	("se equivoco|equivocaron|equivoca|equivocan|ekivoco ..3 numero|persona|telefono", True),
	("esta|estan|estas|anda|andan equivocado|equivocados|equivocada|equivocadas", True),
	("^ equivocado|equivocada $", True),
	("no tengo|tenemos ..2 hijo|hijos|hija|hijas|ninos", True),
	("no es mi hijo|hija|nino|nina", True),
	("este|ese no es ..3 numero|telefono", True),
	("no soy ..2 mama|papa|padre|madre|persona|tutor", True),
	("打错|號碼錯誤|号码错误|打錯", True),
)
# The writer used the wrong number: nothing about this phone.
WRONG_NUMBER_IDIOMS = tuple(
	"""i|we ..3 dialed|called|put|wrote|gave|entered|typed|have|had|listed|texted ..4 wrong number|phone
puse|pusimos|marque|escribi|di|dimos|anote ..3 numero|telefono
wrong number of""".split("\n")
)

PURPOSES: dict[str, frozenset[str]] = {
	"Fundraising": words(
		"""fundraising fundraiser fundraisers fundraise donation donations donate donating donor money raffle raffles
		recaudacion recaudaciones donacion donaciones donar rifa rifas fondos"""
	),
	"Attendance": words(
		"attendance absence absences absent tardy tardies tardiness truancy asistencia asistencias inasistencia inasistencias ausencia ausencias faltas"
	),
	"Academic": words(
		"""academic academics grade grades homework assignment assignments exam exams tests
		calificacion calificaciones notas tarea tareas examen examenes academico academicos academica academicas"""
	),
	"Event": words(
		"event events concert concerts festival festivals game games evento eventos concierto conciertos fiesta fiestas partido partidos"
	),
	"Fees": words(
		"""fee fees payment payments tuition invoice invoices balance balances bill bills billing
		pago pagos cuota cuotas cobro cobros factura facturas colegiatura"""
	),
	"General": words("newsletter newsletters news announcements boletin boletines noticias anuncios"),
	"Emergency": words("emergency emergencies emergencia emergencias"),
}
EVERYTHING_WORDS = words("everything anything todo nada")
EXCEPT_WORDS = words(
	"except but besides keep only other still unless excepto menos salvo pero solo solamente unicamente nomas keeping continue"
)
EVEN_EMERGENCY_PATTERNS = (
	"even|including|include|incl|also|or|and|nor|not|incluso|incluyendo|incluidas|hasta|ni|tampoco|aunque ..3 emergency|emergencies|emergencia|emergencias",
	"emergency|emergencies|emergencia|emergencias ..1 included|too|either|also|incluidas|tambien|tampoco",
	"for any reason",
	"under any circumstance|circumstances",
	"por ningun|ninguna motivo|razon|circunstancia",
	"absolutely everything|all",
)

# Between a "not" and a stop word these keep them together: "I do not want you to stop".
NEGATION_LINKS = words(
	"to want wanna wish like going gonna need really ever have be let do really mean meaning try quiero que queremos deseo deseamos vayan a me los las"
)
NEGATORS = words(
	"dont not never cant cannot wont didnt doesnt isnt shouldnt wouldnt couldnt without donot no nunca jamas neither"
)
SPANISH_NEGATORS = words("no nunca jamas")
# Words after which a request not to call is about a time or a place.
CONDITIONS = words(
	"at before after during on until till unless when while if tomorrow today tonight late early between during weekends sundays saturdays work cuando antes despues durante hasta si"
)
THIRD_PERSONS = words(
	"him her them his their the he she they husband wife mom mother dad father son daughter parents grandma grandpa school office teacher coach mrs mr ms miss principal police kids boys girls everyone people nurse doctor"
)
SUBJECTS_TELLING = words("i we you u he she they youve")
# A gap in a request "not to" holds none of these: "don't want to miss any messages".
NOT_IN_GAPS = words(
	"miss deja dejes deje dejaran pare stop lose forget perder quit end cease understand mind stopping hesitate worry see find know think remember delete unsubscribe opt dejar dejen parar paren cancelar saying"
)
SCHOOL_THINGS = words(
	"""trip trips carpool lunch lunches volunteer volunteers pta pto bus class classes team teams roster waitlist waiting course courses club practice
	band choir tournament testing test tests exam exams photo photos release field study game camp program afterschool aftercare daycare rehearsal
	tutoring vaccine library order orders appointment meeting conference schedule grade credit insurance menu potluck snack party"""
)
# A message that ends in a stop word means it after these: "I have told you three times stop".
BEFORE_LAST_STOP = words(
	"""says said reply replying responda responder respond text txt press type word palabra send texted sent
	times so me again number texts messages calls this these anymore"""
)
# Whoever is meant after "do not call" in "do not call the office", it is not this phone.
ELSEWHERE = words("the a an him her them your school office")
