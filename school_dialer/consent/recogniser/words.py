"""The words of `replies.opt_out`: keywords, fillers and word sets, English and Spanish first.

Data only, no logic. Words are written here as `recogniser.plain_text` leaves them: lower case, no accents, no
apostrophes.
"""

from school_dialer.consent.recogniser import inflection


def word_set(text: str) -> frozenset[str]:
	return frozenset(text.split())


def wishes(verbs: str) -> frozenset[str]:
	"""Return the forms that ask for one of the Spanish verbs: *llamen*, *llamadme*."""
	return frozenset().union(*(inflection.wishes("es", verb) for verb in verbs.split()))


def infinitives(verbs: str) -> frozenset[str]:
	"""Return the infinitives and gerunds of the Spanish verbs: *llamar*, *llamarme*, *llamando*."""
	return frozenset().union(*(inflection.infinitives("es", verb) for verb in verbs.split()))


def of_me(forms: frozenset[str]) -> frozenset[str]:
	"""Return the forms that refer to the speaker."""
	return frozenset(form for form in forms if form.endswith(("me", "nos")))


_CONTACT = """llamar yamar marcar mandar enviar escribir textear molestar contactar hablar avisar notificar fastidiar hostigar acosar spamear
mensajear comunicar timbrar insistir chingar joder saturar bombardear"""
_REMOVE = "olvidar quitar sacar borrar eliminar retirar desuscribir desapuntar remover tachar bajar"
_STOP = "parar cesar evitar terminar suspender anular desactivar cancelar silenciar apagar"


# May surround a keyword without changing its meaning.
FILLERS = word_set(
	"""please pls plz plss plez pleas thanks thank thankyou thx ty tks hi hello hey ok okay okey k kindly just now immediately asap
	already sir maam mam guys lol omg ugh dear today yo dude bro porfavor porfa favor por gracias hola oiga oigan
	ya ahora inmediatamente buenas buenos dias tardes noches senor senora amen bye god sake um uh so well"""
)
# May follow a stop word that has no other words: "stop it", "stop this nonsense".
TAILS = word_set(
	"""it this that these those them nonsense crap shit bs spam bullshit madness harassment everything all of todo todos esto eso y
	already forever completely altogether damn fucking right away and 2 me yo you msgs sms"""
)

# One of these, alone or with fillers, is a certain opt-out.
STOP_KEYWORDS = word_set(
	"""stop stops stopp stopall unsubscribe unsub unsubscribed discontinue cease halt exit off mute silence stop2end stop2quit end quit cancel revoke optout remove unsuscribe unsubscribeme stoptexting
	stopit stopnow stopplease stopplz stopcalling
	alto altos parar pare paren parenle parale basta baste cancelar cancela cancele cancelen cancelado baja desuscribir desuscribirme
	desuscribirse desuscribe desinscribir terminar detener detente detenganse deten salir anular suspender suspendan stopping stopar
	para fin finalizar eliminar borrar quitar remover revocar retirar descontinuar descontinuen descontinue cesar cesen disable deactivate desactivar silenciar"""
)
# The ones that also mean something else. They are certain only when nothing but fillers surrounds them.
WEAK_KEYWORDS = word_set(
	"""exit off mute silence end quit cancel remove para parar fin baja alto salir terminar borrar quitar eliminar cancelado cancela cancele cancelar
	finalizar remover retirar stops stopping pare paren altos anular suspender detener"""
)
STOP_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """opt out|opt me out|opting out|opted out|opt us out|stop all|stop everything|stop it all|un subscribe|no more|no mas
no mas mensajes|no mas llamadas|dar de baja|darme de baja|dame de baja|deme de baja|denme de baja|darse de baja|de baja|baja total|alto ya
basta ya|ya basta|remove me|take me off|get me off|leave me alone|leave us alone|end all|cancel all|quit all|parar todo|paren todo
cancelar todo|alto todo|detener todo|dejen de|stop todo|end it|op out|opt oute|opt ot
no quiero nada|no los quiero|no las quiero|no quiero mas|no deseo mas|end texts|end calls|stop texts|stop calls|stop messages|do not contact
do not call|do not text|dont call|dont text|lose my number|i want out|im out|all stop""".replace(
		"\n", "|"
	).split("|")
)
# Typos of "stop" that are not words themselves.
STOP_SLIPS = word_set(
	"stopp stpo sotp stpp stp tsop stoppp sstop stop1 stopo stopl stoip sttop st0p 5top stahp stawp stap stoop stob stopi stoo stip sto stopt stopq"
)
# Words one letter away from a keyword that never mean the keyword.
NEAR_WORDS = word_set(
	"step stomp shop slop atop soap stow top stool stoup swop stock store story stout cancer canal cancels remote removed"
)
FUZZY_KEYWORDS = ("stop", "stopall", "unsubscribe", "cancelar", "cancel", "optout")

START_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """start|unstop|subscribe|resubscribe|resume|optin|opt in|opt me in|opt me back in|opt back in|start again|sign me up|sign me back up
inicio|iniciar|empezar|comenzar|comienzo|suscribir|suscribirme|reanudar|continuar|alta|darme de alta|dar de alta""".replace(
		"\n", "|"
	).split("|")
)
HELP_PHRASES = frozenset(
	tuple(phrase.split())
	for phrase in """help|help me|info|information|ayuda|ayudame|informacion|auxilio""".split("|")
)
# A message that begins with one of these begins with a request to stop.
FIRST_STOPS = STOP_SLIPS | word_set("stop stopall unsubscribe optout unsub paren parenle detenganse")
# STOP as texts of the school name it, in the letters of each language.
NAMED_STOPS = word_set("stop parar стоп ستوب سٹاپ اسٹاپ स्टॉप 스톱 스탑")
# The word for "stop" or "unsubscribe" of other languages, which begins few other sentences. "Leave",
# "stay", "enough", and what asks several people to stop someone do begin them.
PLAIN_STOPS = word_set(
	"توقف قف dừng ngừng 停 停止 退订 退訂 sispann arret tsum rezygnuję itigil 중지 중단 그만 수신거부"
)

SETS: dict[str, frozenset[str]] = {
	"FIRST": FIRST_STOPS,
	"STOP": word_set(
		"stop quit cease end discontinue halt cancel disable deactivate stoped stopping finish terminate knock desist"
	)
	| STOP_SLIPS,
	"DEJAR": word_set("stop") | wishes("dejar parar evitar") - word_set("para") | word_set("dejar parar"),
	"PARAR": word_set(
		"""pare paren parar parale parenle cesen cese eviten basta terminen termine detengan detener alto suspendan suspenda
		suspender anular anulen desactivar desactiven desactive desactiva cancelen cancele cancelar cancela cancelo stop"""
	)
	| (wishes(_STOP) | infinitives(_STOP))
	- word_set("para paras termina terminas terminando terminara terminaran"),
	"CONTACTING": word_set(
		"""texting txting txtin texting textin calling callin callng calln messaging msging messagin contacting phoning emailing spamming bothering
		harassing robocalling ringing dialing dialling pestering annoying bugging disturbing blowing hounding notifying alerting reminding textng textinng bombarding flooding swamping blasting hassling nagging pinging buzzing waking informing"""
	),
	"SENDING": word_set("sending sendin sendng giving leaving making"),
	"CONTACT": word_set(
		"text txt txts cal kall tex textt calll mesage call message msg contact email phone ring bother spam dm robocall disturb harass pester annoy bug dial hmu txtme textme callme"
	),
	"SEND": word_set("send"),
	"CONTACTED": word_set("texted called messaged contacted emailed phoned bothered txted disturbed"),
	"THINGS": word_set(
		"""text texts txt txts message messages mesages messeges msg msgs call calls phonecalls robocall robocalls robotexts alerts alert notification
		notifications notices reminders reminder updates emails email sms voicemails voicemail communications communication contact spam
		subscription texting calling phone number cell stuff junk crap shit blasts announcements newsletters
		mensaje mensajes mensages texto textos llamada llamadas yamadas alertas alerta avisos aviso notificaciones notificacion recordatorios correos
		suscripcion sms whatsapps comunicaciones numero telefono celular comunicacion robollamada robollamadas"""
	),
	"NOT": word_set("dont never not nor donot dnt dun aint"),
	"WANT": word_set("want wanna wish like care need desire"),
	"RECEIVE": word_set("receive recieve get have recive hear receiving getting"),
	"ME": word_set("me us my mi nos our"),
	"MINE": word_set("my our this mi nuestro este the"),
	"NUMBER": word_set(
		"details data datos number numbers phone cell cellphone mobile telephone info information contact landline nbr num digits numero telefono celular cel contacto name nombre"
	),
	"ANYMORE": word_set("anymore again ever more longer nomore evr agian any"),
	"REMOVE": word_set(
		"remove take delete drop erase get scratch pull unsubscribe unenroll unlist unregister strike keep rm disconnect wipe scrub purge ditch toss"
	),
	"OFF": word_set("off from out of"),
	"LIST": word_set(
		"""list lists contact contacts database system call calling text texting message messages messaging notification notifications alert alerts
		records roster files file distribution group chat thread spam subscription calls texts dialer autodialer robocall robocalls lista listas
		contactos sistema base"""
	),
	"UNSUBSCRIBE": word_set(
		"""unsubscribe unsub unsuscribe unsubcribe unsubscrib unsubsribe unsubscirbe unsubscribes unsubscribing unscribe unsubscibe
		desuscribir desuscribirme desuscribame desuscriban desuscribeme"""
	),
	"CONSENT": word_set("consent permission authorization consentimiento permiso autorizacion"),
	"REVOKE": word_set("revoke withdraw revoking withdrawing rescind revoco retiro revocar retirar"),
	"MANDAR": word_set(
		"""enviar enviarme enviarnos mandar mandarme mandarnos llamar llamarme llamarnos yamar escribir escribirme escribirnos molestar molestarme
		molestarnos contactar contactarme contactarnos textear textearme marcar marcarme marcarnos hablar hablarme hostigar fastidiar
		comunicarse spamear acosar acosarme avisar avisarme notificar notificarme recordarme mandarle enviarle llamando mandando enviando molestando texteando"""
	)
	| infinitives(_CONTACT),
	"MANDEN": word_set(
		"""envien envie envies enbien mandes manden mande llames llamen llame yamen yame escriban escriba escribas molesten moleste molestes
		contacten contacte contactes texteen textee textees marquen marque marques hablen hable hables llamar mandar enviar molestar escribir
		busquen fastidien avisen avise notifiquen notifique recuerden"""
	)
	| wishes(_CONTACT)
	| infinitives(_CONTACT),
	"CONTACTADO": word_set(
		"contactado contactada contactados contactadas llamado llamada llamados molestado molestada molestados molestadas notificado notificada notificados"
	),
	"NO": word_set("no nunca jamas tampoco"),
	"QUIERO": word_set(
		"quiero queremos deseo deseamos necesito necesitamos quisiera kiero autorizo autorizamos acepto aceptamos consiento permito preferiria gustaria pienso"
	),
	"QUITAR": word_set(
		"""quitame quiteme quitenme quitenos saquenme saqueme sacame borrenme borreme borrame eliminenme elimineme eliminame remuevanme remuevame
		retirenme retireme denme deme dame darme dar den doy dan demen desuscribanme quitarme sacarme borrarme eliminarme
		dad dadme dadnos dennos denos darnos danos"""
	)
	| of_me(wishes(_REMOVE) | infinitives(_REMOVE)),
	"QUITARME": of_me(wishes(_REMOVE) | infinitives(_REMOVE)),
	"QUITEN": word_set(
		"""quiten quite quita quitar borren borre borra borrar eliminen elimine elimina eliminar saquen saque saca sacar remuevan remueva
		remover retiren retire retirar olviden"""
	)
	| (wishes(_REMOVE) | infinitives(_REMOVE)) - word_set("baja bajas saca sacas"),
	"REMOVIDO": word_set(
		"removido removida eliminado eliminada quitado quitada borrado borrada sacado sacada dado dada excluido excluida excluidos excluidas retirado retirada"
	),
	"PUPIL": word_set("hijo hija hijos hijas estudiante alumno alumna nino nina kid child son daughter"),
	"SAID": word_set(
		"said told asked tell ask say asking telling begging need want must pls have gotta dije pedi"
	),
}

# "This is not Maria" names a person, "this is not fair" does not.
NOT_NAMES = word_set(
	"""a the my his her their our your it that this these working right fair good ok okay bad true real funny correct possible acceptable
	urgent new easy helpful clear important necessary enough over done fine cool great nice normal safe allowed appropriate about for
	available happy sure spam me mine us him them here there today tomorrow now yet it de el la un una asi yo aqui eso
	ready home busy late early able hungry sick tired mad angry upset well alone old new too that very really getting going coming
	interested married sorry afraid certain aware from in at on to so as quite entirely complaining worried concerned joking kidding
	playing feeling trying using paying driving working picking seeing calling texting asking saying lying mas seguro segura bueno
	buena mala malo tan muy de el"""
)

# Between a "not" and a stop word, these keep the two together: "I do not want you to stop".
NEGATION_LINKS = word_set(
	"to want wanna wish like going gonna need really ever have be let do really mean meaning try quiero que queremos deseo deseamos vayan a me los las"
)
NEGATORS = word_set(
	"dont not never cant cannot wont didnt doesnt isnt shouldnt wouldnt couldnt without donot no nunca jamas neither"
)
SPANISH_NEGATORS = word_set("no nunca jamas")
# Words that turn a preceding request not to call into one about a time or a place.
CONDITIONS = word_set(
	"at before after during on until till unless when while if tomorrow today tonight late early between during weekends sundays saturdays work cuando antes despues durante hasta si"
)
THIRD_PERSONS = word_set(
	"him her them his their he she they husband wife mom mother dad father son daughter parents grandma grandpa school office teacher coach mrs mr ms miss principal police kids boys girls everyone people nurse doctor"
)
_ABOUT_CONTACT = (
	*(
		"STOP",
		"DEJAR",
		"PARAR",
		"CONTACTING",
		"CONTACT",
		"SEND",
		"CONTACTED",
		"THINGS",
		"NOT",
		"NO",
		"REMOVE",
	),
	*(
		"LIST",
		"UNSUBSCRIBE",
		"REVOKE",
		"MANDAR",
		"MANDEN",
		"CONTACTADO",
		"QUITAR",
		"QUITEN",
		"REMOVIDO",
		"SAID",
		"NUMBER",
	),
)
# In a clause beside a stop word, one of these shows that the clause is about contact too.
ABOUT_CONTACT = (
	frozenset().union(*(SETS[name] for name in _ABOUT_CONTACT))
	| NEGATORS
	| word_set(
		"""thanks thank thankyou thx ty gracias sorry disculpe perdon enough harassment harassing spam scam sue lawyer attorney illegal
		report reporting reported police block blocking blocked sick tired fed annoyed leave alone wrong person harto harta cansado cansada acoso denuncia
		equivocado equivocada"""
	)
)
# "STOP her dad handles this": what precedes the person of a reason, the person, and what follows another's name
# where the school should stop them, as in "stop her brother from running".
BEFORE_REASONS = FIRST_STOPS | word_set("alto basta parar pare end quit")
OWN = word_set("her his their my our the su sus mi mis nuestro nuestra el la ex step old grand")
KIN = word_set(
	"""mom mum mama mother mommy dad daddy papa father husband wife ex exwife exhusband spouse partner fiance boyfriend girlfriend
	parents grandma grandmother grandpa grandfather grandparents abuela abuelo nana aunt uncle tia tio sister brother cousin stepmom
	stepdad stepmother stepfather guardian foster nanny sitter babysitter caretaker family son daughter kid kids child children
	twins boys girls niece nephew grandson granddaughter padre madre padres esposo esposa marido mujer hermano hermana familia tutor
	tutora hijo hija hijos hijas nieto nieta sobrino sobrina padrastro madrastra novio novia pareja"""
)
OF_OBJECTS = CONDITIONS | word_set(
	"from by in on to into off out with without and or please de en con por al del para y o"
)
STATEMENT_SUBJECTS = word_set("i we you u he she they youve")
# A gap in a request "not to" holds none of these words: "don't want to miss any messages".
NOT_IN_GAPS = word_set(
	"need miss deja dejes deje dejaran pare stop lose forget perder quit end cease understand mind stopping hesitate worry see find know think remember delete unsubscribe opt left excluded omitted dejar dejen parar paren cancelar saying"
)
SCHOOL_THINGS = word_set(
	"""trip trips carpool lunch lunches volunteer volunteers pta pto bus class classes team teams roster waitlist waiting course courses club practice
	band choir tournament testing test tests exam exams photo photos release field study game camp program afterschool aftercare daycare rehearsal
	tutoring vaccine library order orders appointment meeting conference schedule grade credit insurance menu potluck snack party"""
)
# After these, a stop word at the end of a message is a request: "I have told you three times stop".
BEFORE_LAST_STOP = word_set(
	"""says said reply replying responda responder respond text txt press type word palabra send texted sent
	time times so me parent here school again number texts messages calls this these anymore"""
)
# What may follow "do not call me" without changing its meaning (unlike "do not call me Susan").
AFTER_ME = word_set(
	"""anymore again ever please any at on about for from with in here this to more back because until unless i we or and no not so if when
	nomore agian thanks bro man lol today tonight tomorrow late early before after during while anytime period every all regarding"""
)
LEADS = word_set("nope yeah yep yes but and nah actually seriously honestly really oh just")
YOU = word_set("you u yall they ustedes usted")
# "Do not call" followed by one of these is about another phone, as in "do not call the office".
ELSEWHERE = word_set("the a an him her them your school office 911")
