"""The phrases of `replies.opt_out`, as tables of patterns. Data only, no logic.

Patterns are read by `patterns`. NAMES are word sets of `words.SETS` (NAME is any word that may be a name),
`a|b` are alternatives, `x?` may be missing, `..3` matches up to three words of any kind, and `^` and `$` are
the ends of the clause.
"""

from school_dialer.consent.recogniser.words import word_set

# The stop word that starts here has another meaning and is not a request.
IDIOMS = tuple(
	"""STOP by|in|at|sign|signs|over|for|light|lights|and|to|into|off
STOP worrying|fighting|bullying|eating|crying|laughing|working|raining|growing|serving|using|taking|going|coming|being|doing
STOP the bus|car|bill|bills|bleeding|fight|fights|violence|clock|presses|vote|cuts
STOP on STOP
did i|we|you|they|it|he|she STOP
UNSUBSCRIBE mean|means
UNSUBSCRIBE button|link|option|page|form|box
STOP him|her|them|people|kids|anyone|someone|boys|girls|students ..3 from
bus|last|next|first|wrong|right|my|your|his|her|which|what|that|rain|noise|music|pit|non|full|one|our|truck|short|whistle STOP""".split(
		"\n"
	)
)

# (pattern, whether it is certain). An uncertain one takes effect at once too, and a person reviews it.
STOP_PATTERNS: tuple[tuple[str, bool], ...] = (
	("STOP ..3 CONTACTING", True),
	("STOP ..2 SENDING ..4 THINGS", True),
	("STOP ..1 SENDING ME|these|this|those|them|em|it|any|anything|everything|anymore|things|that", True),
	("STOP ..1 SENDING $", True),
	("STOP ..3 THINGS", True),
	("STOP ..1 CONTACT", True),
	("STOP ..2 MANDAR|MANDEN", True),
	("STOP all|everything|todo|todos|anything $", True),
	("^ STOP everything|all", True),
	("THINGS ..3 need|must|have|has|should|gotta|got|to|please|better ..2 STOP $", True),
	("you|yall|u|this|it|they ..2 need|must|have|has|should|gotta|better ..1 STOP $", True),
	("SAID ..3 STOP $", True),
	("can|could|would|will|cant|wont ..1 you|u|yall STOP $", True),
	("can|could|would|will|cant|wont ..1 you|u|yall STOP it|this|these $", True),
	("if you|u|yall stopped|stop|quit ..2 CONTACTING|THINGS", True),
	("cease ..1 desist", True),
	("make|making ..3 STOP $", True),
	("NOT ..2 CONTACT ME", True),
	("NOT ..2 CONTACT this|here|anymore|again|ever|these", True),
	("NOT ..2 CONTACT $", True),
	("NOT ..1 CONTACT the|our NUMBER|house|home|line", True),
	("NOT ..1 CONTACT", False),
	("NOT ..1 SEND ..4 THINGS", True),
	("NOT ..1 SEND $", True),
	("NOT ..1 SEND anything|any|more|nothing|stuff", True),
	("NOT leave ..3 messages|voicemails|message|voicemail", True),
	("NOT ..1 SEND ME ..3 ANYMORE", True),
	("NOT ..1 SEND ME|any|anything|these|this|anymore $", True),
	("NOT ..1 SEND ME anything|stuff|these|those|this|any|more", True),
	("NOT WANT ..3 CONTACTED", True),
	("NOT WANT ..6 THINGS", True),
	("NOT WANT ..2 RECEIVE ..3 these|those|this|them|any|anything|from|anymore", True),
	("NOT WANT these|those|this|them|anything|any $", False),
	("NOT want $", False),
	("never again $", False),
	("NOT WANT ..3 you|school|anyone ..1 CONTACTING|CONTACT|to", True),
	("no longer ..4 RECEIVE|CONTACTED|THINGS|CONSENT", True),
	("no longer interested|wish|want", True),
	("that you no longer|never CONTACT", True),
	("refrain ..1 from ..2 SENDING|CONTACTING", True),
	("STOP hitting|hittin my|me ..1 line|phone|up", True),
	("you|yall|u|they keep|keeps CONTACTING", False),
	("why ..3 getting|receiving ..2 these|this|THINGS", False),
	("request|asking|need|demand|insist ..3 be removed|taken|deleted|dropped|excluded", False),
	("CONTACT me|us again ..1 i|ill|im|and|we", False),
	(
		"THINGS ..1 are|is ..2 harassment|harassing|annoying|unwanted|intrusive|ridiculous|excessive|driving",
		False,
	),
	("no ..2 THINGS to|on|at|for ..1 NUMBER|phone|me|us", False),
	("leave|count|keep me|us ..1 out", False),
	(
		"i|im|we|were|he|hes|she|shes|they|theyre ..2 no longer ..4 go|goes|attend|attends|enrolled|district|school|there",
		False,
	),
	("who ..2 authorized|authorised|approved|allowed ..3 THINGS|this|these|you", False),
	("REMOVE me|us immediately|now|today|asap|or|before|at", True),
	("can|could|may ..2 be removed|taken", False),
	("THINGS ..3 not for me|us", False),
	("chill|ease|cool|lay|slow|tone ..2 with|off|on|down ..2 THINGS", False),
	("REMOVE mine OFF", False),
	("no need|reason to|for ..3 SENDING|SEND|CONTACTING|CONTACT ..2 these|this|those|me|us|anymore", False),
	("no need|reason for|to ..3 THINGS $", False),
	("you|u|yall ..1 can|may|should|could ..1 STOP $", False),
	("im|i ..1 good|fine|ok|okay STOP $", True),
	("to STOP these|this|them|it $", False),
	("can|could|would you|u|yall not $", False),
	("NOT interested", False),
	("asked ..5 be removed|taken|left|deleted", False),
	("who|how|where ..4 give|gave|get|got|have|obtained|find|found ..2 MINE NUMBER", False),
	("who ..3 give|gave|said ..4 CONTACT|CONTACTING|SEND", False),
	("^ knock|cut it off|out", False),
	("should|shouldnt not? be ..2 on|getting|receiving ..2 LIST|these|THINGS", False),
	("no robo|automated|phone|recorded calls|messages|texts", True),
	("rather|prefer ..1 not ..2 RECEIVE|CONTACTED|THINGS", False),
	("prefer no THINGS", False),
	("email|emails only $", False),
	("^ only email me", False),
	("no ..2 THINGS please|anymore|ever|again|allowed", True),
	("no more|further|additional ..4 THINGS", True),
	("no more CONTACTING", True),
	("no THINGS $", False),
	("no more of|these|this|it|those", True),
	("enough ..2 THINGS", True),
	("^ enough $", False),
	("enough is enough", False),
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
	(
		"can|could|want|like|need|request|requesting|ask|asking|please ..4 removed|taken ..2 OFF ..4 LIST",
		True,
	),
	("my ..2 NUMBER ..1 removed|deleted", True),
	("request|requesting removal", True),
	("^ removal $", True),
	("remove $", False),
	("leave this ..1 group|chat|list|thread", True),
	("^ leave group|chat", True),
	("^ off ..2 LIST", True),
	("get off ..3 LIST", True),
	("REMOVE OFF ..2 LIST", True),
	("^ REMOVE|delete NUMBER $", True),
	("want out of this|these|it", True),
	("^ cancel|end|stop|discontinue|terminate service|services $", True),
	("UNSUBSCRIBE", True),
	("turn|shut|switch ..1 off ..2 THINGS", True),
	("turn|shut|switch ..1 THINGS off", True),
	("opt|opting|opted ..1 out $", True),
	("opt|opting ..1 out of ..3 THINGS|this|these|receiving|CONTACTING|CONTACTED|everything|all", True),
	("opt|opting ..1 out of ..3 LIST|service|services", True),
	("^ opt ..1 out me|us|my|this|from|all", True),
	("optout", True),
	("REVOKE ..3 CONSENT", True),
	("NOT ..2 CONSENT", True),
	("NOT authorize|allow|permit|agree ..3 CONTACT|CONTACTED|CONTACTING|THINGS|CONSENT", True),
	("NOT give ..3 CONSENT", True),
	("do no CONTACT ME", True),
	("NOT interested $", False),
	("leave ..1 me|us|my alone", True),
	("leave me the hell|fuck alone", True),
	("leave me|us be", True),
	("go away $", False),
	("get lost|outta", False),
	("shut up", False),
	("^ stfu|spam|scam|block|blocked|blocking|f $", False),
	("spam|scam STOP $", False),
	("reported|reporting ..2 spam", False),
	("fuck|piss|bugger|buzz|f|eff|back off $", False),
	("block|blocking|blocked ..2 you|number|this", False),
	("report|reporting|sue|suing|lawyer|attorney|fcc ..4 THINGS|you|harassment|this|school", False),
	("this|that|its is? harassment", False),
	("harassing me|us|my", False),
	("tired|sick of ..3 THINGS", False),
	("do not call|contact|text ..1 list", True),
	("do not contact list", True),
	("want|like|wish|need ..4 OFF|removed|taken|deleted $", False),
	("wish ..3 removed|taken|deleted|off ..3 LIST", True),
	("and STOP $", False),
	("im|am|were|are over ..1 these|your|the ..1 THINGS", False),
	(
		"me|nos pueden|puede|podrian|podria|puedes ..1 quitar|sacar|eliminar|borrar|remover|retirar de ..3 LIST|THINGS",
		True,
	),
	("salgo|salir|salirme|salirnos de este|esta|ese|esa|su ..1 servicio|lista|grupo|chat", False),
	("como ..4 cancelar|cancelo|desactivar|desactivo|parar|detener|salirme|darme $", False),
	("bajenme|bajeme|bajame de ..3 LIST", True),
	("done|finished with ..2 THINGS", False),
	("mind|stop|about not CONTACTING ME", True),
	("NOT ..1 CONTACTED again|anymore|ever", True),
	("REMOVE ..1 NUMBER OFF ..2 LIST|here|there", True),
	("canse|cansado|cansada|harto|harta ..4 MANDAR", False),
	("NO vuelvan|vuelva|vuelvas a este|mi NUMBER", False),
	("como me salgo|quito|borro|desapunto|doy|desinscribo", False),
	("nothing to do with ..2 THINGS|LIST", False),
	("THINGS ..1 not|arent ..1 welcome|wanted", False),
	("^ not wanted $", False),
	("NOT something i ..1 sign|signed|ask|asked|want", False),
	("like|want|wish|need to cancel|unsubscribe|unenroll|opt $", False),
	("withdraw me|us OFF", True),
	("withdraw MINE NUMBER", True),
	("if you CONTACT ..2 again", False),
	("CONTACTING me|us is", False),
	("request|requested ..1 to STOP", True),
	("request|requested no THINGS|CONTACTING", True),
	("stay|keep|get off my NUMBER", False),
	("stay|keep me off", False),
	("NOT use MINE ..1 NUMBER", False),
	("NOT include me|us|my", False),
	("count me|us out of ..2 THINGS|this|these", True),
	("^ THINGS off", True),
	("^ turn off $", False),
	("im good|fine on ..1 THINGS", False),
	("no recibir mas|nada $", True),
	("NO ..1 QUIERO ..1 servicio|servicios $", True),
	("^ no lo|la|los|las QUIERO $", False),
	(
		"prefiero|solicito|pido|quiero no ..1 ser|sea CONTACTADO",
		True,
	),
	("ser|sea REMOVIDO ..4 LIST", True),
	("ser|sea REMOVIDO $", True),
	("solicito|quiero|deseo|quisiera cancelar $", True),
	("que me|nos quitaran|quiten|borren|borraran|eliminen|eliminaran|saquen|sacaran", False),
	("dejen|deje mi NUMBER", False),
	("NO usen|use|utilicen|utilice ..1 mi|este NUMBER", True),
	("no tengo ..1 interes", False),
	("no estoy interesado|interesada", False),
	("no tengo ..2 que recibir", False),
	("siguen|sigue MANDAR", False),
	("me|nos cansaron|hartaron|cansan|hartan", False),
	("es|esto acoso|hostigamiento", False),
	("los|les|lo|las voy a bloquear|reportar|denunciar|demandar", False),
	("voy a bloquear", False),
	("^ no no? consiento|autorizo|acepto|permito $", False),
	("NO ..3 sigan|siga|sigas|vuelvan|vuelva ..1 a? MANDAR", True),
	("no es|hace ..1 necesario|falta ..5 MANDAR|MANDEN|THINGS", False),
	("no hace falta $", False),
	("quien|quienes ..1 autorizo|aprobo|permitio ..2 THINGS|esto|estos", False),
	("^ QUITARME de|o|ya|inmediatamente", False),
	("me|nos pueden|puede quitar|sacar|borrar de esto|eso|ahi", False),
	("THINGS ..2 no|ya son|es para mi|nosotros", False),
	("^ no mas no mas $", True),
	("^ dejen|dejad los|estos|sus|tantos THINGS", False),
	("^ ..1 paren|parenle $", False),
	("nada de ..1 THINGS", False),
	("no haya ..2 THINGS|contacto", False),
	("no recibir ..2 THINGS", False),
	("NO dejen|deje|dejes ..2 THINGS", True),
	("^ ..1 borren|borrenlo|borrenlos|eliminen|eliminenlo|quiten|quitenlo $", False),
	("no ..1 pertenecemos|pertenezco|pertenece|formamos ..3 escuela|distrito|colegio|ahi", False),
	("me|nos tiene|tienen|traen ..1 hasta|harto|harta|hartos|cansado|cansada|loco|loca", False),
	(
		"voy|vamos a bloquear|bloquearlos|reportar|reportarlos|denunciar|denunciarlos|demandar|demandarlos",
		False,
	),
	("bloqueare|bloqueo|reportare|denunciare|demandare $", False),
	("^ ..1 bloqueare|reportare|denunciare|demandare", False),
	("^ ..2 es spam $", False),
	("QUITEN de mi|este|nuestro NUMBER", True),
	("no ..1 hay|tienen|tiene ..2 que|para MANDAR ..1 mas", False),
	("si|sino ..2 vuelven|siguen|vuelve|sigue ..1 a? MANDAR", False),
	(
		"preferiria|prefiero|preferimos|gustaria ..1 no|ya ..1 recibir|recibirlos|recibirlas|saber|tener",
		False,
	),
	("fuera ..1 de mi|su|la LIST|NUMBER", False),
	(
		"cansado|cansada|harto|harta|hartos|cansados|canse|harte ..4 THINGS|MANDEN|llaman|mandan|escriben|marcan",
		False,
	),
	(
		"quien|quienes|como|donde ..3 dio|dieron|autorizo|tienen|consiguieron|sacaron|obtuvieron ..3 NUMBER",
		False,
	),
	("quien ..3 dio|dieron|autorizo ..4 MANDAR|MANDEN", False),
	("QUITAR de ..3 LIST|THINGS|aqui|ahi|esto|eso", True),
	("QUITARME $", False),
	("no me llenen|bombardeen de|con ..1 THINGS", True),
	("not|isnt a|the parent|guardian", False),
	("STOP it|this|that with ..4 THINGS", True),
	("CONTACT|CONTACTING ..2 too much|often|many", False),
	(
		"kid|child|son|daughter|kids|children ..1 dont|doesnt|not|never go|attend|goes|attends ..2 your|this|that school",
		False,
	),
	("leave me|us|this|my ..2 out|off ..3 THINGS|these|this", True),
	("exclude|omit ..1 MINE|me|us ..4 THINGS|LIST", True),
	("refuse|decline ..2 to ..2 RECEIVE|CONTACTED", True),
	("unwanted THINGS", False),
	("THINGS ..2 unwanted|unwelcome", False),
	("hate ..1 these|your|the|this ..1 THINGS", False),
	("NOT|not consenting ..3 THINGS|RECEIVE|CONTACTED", True),
	("you|u|this|number ..2 been blocked", False),
	("this|these|its ..1 is|are spam $", False),
	("^ dnc $", True),
	("me|nos|lo pueden|puede|podrian|podria ..1 quitar|sacar|eliminar|borrar|remover $", True),
	("^ no? ya no $", False),
	("never|didnt sign|signed|subscribe|subscribed up? $", False),
	("never|didnt|not sign|signed up $", False),
	("REMOVE me|us|this off of ..1 this|these|that|it|here", True),
	("REMOVE me|us|this OFF ..2 texts|calls|alerts|notifications|messages", True),
	(
		"NOT need|want|wanna|care to|about ..1 hear|know|see|get|receive|hearing|getting ..1 about|all|every|these|this|from",
		False,
	),
	("calls|texts|messages|notifications|alerts|emails|voicemails a|per day|night|hour|week", False),
	("block|blacklist me|us", False),
	("SEND|CONTACT ..6 not ..1 me|us $", False),
	("only CONTACT ME by|via|through|with ..1 mail|email|letter|post|paper|letters", False),
	("CONTACT ME by|via|through|with ..1 mail|email|letter|post|paper|letters only|instead", False),
	("^ not|no this number|phone|cell|line $", False),
	(
		"kid|kids|child|children|son|daughter|student|sons|boys|girls ..1 no longer ..1 go|goes|attend|attends|enrolled|student|there",
		False,
	),
	("no ..2 hace|hacen falta ..5 MANDAR|MANDEN|THINGS|esto|eso|saber", False),
	("me|nos ..2 MANDAR ..3 paren|parenle|parele|basta $", False),
	("^ chole|estuvo ..1 con ..2 THINGS", False),
	("NO ..3 dado|di|dimos ..2 CONSENT ..4 MANDAR|MANDEN|THINGS", False),
	("manera|forma|modo ..2 de|que|para no ..2 recibir|MANDAR|MANDEN|lleguen|THINGS", False),
	("mando|texteo|envio|escribo|marco|llamo|pongo ..2 para cancelar|salir|salirme|parar|QUITARME $", False),
	("^ dejen|deje|paren de hacerlo", False),
	("me|nos despiertan|despierta|interrumpen ..3 THINGS", False),
	("^ a mi no $", False),
	(
		"kill|mute|nix|ditch|axe ..1 these|the|those|my ..1 texts|calls|alerts|notifications|messages|updates",
		False,
	),
	(
		"kid|child|son|daughter|kids|children ..1 dont|doesnt|not|never ..1 go|attend|goes|attends ..1 here|there $",
		False,
	),
	("^ no THINGS or|and|nor THINGS", True),
	("^ ni THINGS ni THINGS $", True),
	(
		"demand|demanding|want|need|asking|ask|begging|order|insist|insisting you|u|yall|that ..2 STOP $",
		False,
	),
	("these|this|they|THINGS ..1 be turned|shut|switched|stopped|cancelled|canceled|disabled|blocked", False),
	("possible|way|option ..2 not ..1 RECEIVE ..2 these|this|those|THINGS|them", False),
	("STOP altogether|completely|entirely $", False),
	("never|didnt gave|give|given ..2 you|u|yall|school|anyone ..2 NUMBER", False),
	("no interest in ..1 these|this|THINGS|receiving|getting|it", False),
	("ser|sea REMOVIDO de ..2 THINGS|LIST", True),
	("bajenle|bajale|bajele|parenle a ..2 THINGS", False),
	("THINGS ..8 tienen|tiene|deben|debe que? parar|cesar|terminar|acabar", False),
	("NUMBER no ..1 deberia|debe|tiene|tendria ..1 estar ..4 LIST", False),
	(
		"no ..1 deberia|debo|debemos|tengo ..1 recibir|estar|recibiendo ..1 recibiendo? esto|estos|THINGS",
		False,
	),
	("vez|dios|advertencia ..1 paren|parenle|basta|alto $", False),
	("opongo|niego ..1 a ..2 recibir|MANDAR|THINGS", False),
	("no ..1 estan|esta|tienen|tiene autorizados|autorizado|autorizada|permiso ..1 para|a ..2 MANDAR", False),
	("nunca|jamas ..2 di|dimos|dado ..1 mi|nuestro NUMBER", False),
	("den|doy|demos por? terminado|terminada|terminadas|terminados|canceladas|cancelados ..4 THINGS", False),
	("knock|cut it off|out ..3 THINGS", True),
	("object|oppose|opposed to ..2 CONTACTED|CONTACTING|THINGS|RECEIVE", True),
	("leave my NUMBER alone", True),
	("i|ive replied|said|texted|sent stop", False),
	("tired|sick|fed ..4 RECEIVE|CONTACTED|CONTACTING|THINGS", False),
	("nobody|noone|none ..3 wants|want|asked ..4 THINGS|this|these", False),
	("no one ..3 wants|want|asked ..4 THINGS|this|these", False),
	("cansado|cansada|harto|harta|hartos|cansados ..2 recibir|recibiendo", False),
	("nadie ..3 quiere|pidio|autorizo ..4 THINGS|esto|estos", False),
	("no deja|dejan|paran|para de MANDAR", False),
	("^ que ..1 pare|paren $", False),
	("NO|yo ..2 registre|inscribi|suscribi|apunte|pedi|solicite ..2 esto|estos|THINGS|nada", False),
	("NO ..1 me|nos ..1 registre|inscribi|suscribi|apunte $", False),
	("excluded|exempt|exempted|omitted|removed|dropped from ..3 THINGS", True),
	("CONSENT ..2 withdrawn|revoked|rescinded|over|cancelled|canceled", True),
	("get|getting|be off|removed ..2 LIST", False),
	("NO MANDEN ..2 casa|numero|telefono|celular|cel", True),
	("NO insistan|insista|insistas|fastidien|frieguen|jodan", False),
	("solicito|pido|quiero|solicitar ..1 baja de ..1 mi|este NUMBER", True),
	("estan|esta|andan|anda molestando|fastidiando|hostigando|acosando", False),
	("son ..1 molestos|molestas|insistentes", False),
	("NO ..1 QUIERO ..1 formar|estar|pertenecer|seguir|aparecer ..4 LIST", True),
	("bloqueen|bloquee|bloquear ..1 mi|este|nuestro NUMBER", True),
	("NO ..2 QUIERO ..1 ser|sea CONTACTADO", True),
	("QUITEN mis|los|nuestros datos", True),
	("NOT use this|my NUMBER ..1 for ..2 THINGS|CONTACTING", True),
	("only ..1 CONTACT ..4 emergency|emergencies", True),
	("only ..2 THINGS|CONTACT ..3 emergency|emergencies", True),
	("emergency|emergencies only", True),
	("only emergency|emergencies", True),
	("solo|solamente|nomas|unicamente ..4 emergencias|emergencia", True),
	("DEJAR|para ..1 de ..2 MANDAR", True),
	("DEJAR ..2 MANDAR", True),
	("PARAR ..3 THINGS", True),
	("^ para los|las|ya THINGS", True),
	("NO ..2 esten|este|estes|sigan|siga|sigas|anden|ande ..2 MANDAR", True),
	("salir de ..2 lista|listas|grupo", True),
	("quiero salir|salirme $", False),
	("canse|cansado|cansada|harto|harta ..1 de ..3 THINGS", False),
	("^ no quiero|deseo $", False),
	("que ..2 deje|dejemos de recibir", True),
	("dejar de recibir", True),
	("quiero|queremos|deseo cancelar $", True),
	("dejen|dejenme|dejeme|dejame|deja|dejenos ..2 en paz", True),
	("dejen|dejenme|dejeme|dejame|deja|dejenos ..1 tranquilo|tranquila|tranquilos", True),
	("NO ..3 MANDEN ..4 THINGS", True),
	("NO me|nos|m MANDEN", True),
	("NO le|les MANDEN", False),
	("nunca|jamas ..3 MANDEN", True),
	("NO ..2 vuelvan|vuelva|vuelvas|volver ..1 a ..1 MANDAR", True),
	("NO ..1 MANDEN mas|nunca|aqui|nada $", True),
	("ya no MANDEN", True),
	("ya no ..2 MANDEN", True),
	("NO ..2 QUIERO ..3 THINGS", True),
	("NO ..2 QUIERO ..2 recibir|saber", True),
	("NO ..2 QUIERO ..1 que ..2 MANDEN", True),
	("NO ..2 doy|damos ..2 CONSENT", True),
	("NO MANDAR|MANDEN $", True),
	("de no MANDAR", True),
	("que no me|nos|m MANDEN", True),
	("NO ..1 interesa|interesan", False),
	("NO QUIERO mas|nada", True),
	("no mas ..3 THINGS|MANDAR", True),
	("no more|mas ..2 MANDAR", True),
	("QUITAR ..3 lista|listas|sistema|contactos|grupo|chat", True),
	("QUITAR ..1 de baja", True),
	(
		"quitame|quiteme|quitenme|quitenos|saquenme|saqueme|sacame|borrenme|borreme|borrame|eliminenme|elimineme|eliminame|remuevanme|retirenme|desuscribanme|quitarme|sacarme|borrarme|eliminarme $",
		True,
	),
	("QUITEN ..1 mi|mis|este|nuestro ..1 NUMBER", True),
	("QUITEN ..1 de ..2 lista|listas|sistema", True),
	("solicito|pido|quiero|solicitar ..1 baja $", True),
	("olviden|borren ..1 mi ..1 NUMBER", True),
	("REVOKE ..2 mi|el CONSENT", True),
	("no molestar|molesten|molestes|moleste", True),
)

# About calls and texts to someone else, or about the wrong person.
WRONG_NUMBER_PATTERNS = tuple(
	"""i|im ..1 not ..2 mom|mother|dad|father|parent|guardian|mama
nobody|noone|no one here ..1 named|called
no hay ningun|ninguna|nadie NAME ..1 aqui|aca
mal ..1 el|mi numero|telefono
meant for someone|somebody|another
no hay ningun|ninguna NAME
no es mio|mia $
this|that isnt ..2 number|phone|cell
this|that is not ..2 number|phone|cell
this number|phone ..1 isnt|not ..2
there is|s no NAME here
no NAME here $
wrong number|numbr|nuber|num|no|person|phone|parent|family|house|guy|lady|cell
number ..1 is ..1 wrong
wrongnumber
^ wrong $
not the ..1 person|one|parent you|u|youre
there|theres ..1 no NAME at|on|with this
no hay ningun|ninguna NAME en este
nobody|noone ..1 named
no one ..1 named
got ..2 this ..1 number|phone ..2 recently|last|yesterday|today|week
acaban|acabaron de dar este|el numero|telefono
familia|casa equivocada|incorrecta|erronea
number|phone|cell ..1 no longer belongs|belong|works
numero|telefono|celular ..2 no ..1 pertenece|pertenecia
no tengo|tenemos ..2 estudiante|estudiantes|alumno|alumna|alumnos
no idea who
wrong|incorrect household|home|house|family|recipient|individual
no se|sabemos quien es|sea
no hay|viven|vive ..1 ninos|ninas|hijos|estudiantes|alumnos en ..1 casa|hogar|numero|domicilio
number|phone ..3 assigned|given to me|us
had it|this|number before me
wrong|rong|incorrect ..1 number|numbr|person|phone|parent|mom|mother|dad|father
im|iam not NAME $
i am not NAME $
there|theres|there's ..1 no ..1 student|kid|child|children|kids|person ..3 here|house|home|address|number
este|ese|esta ya no es ..2 numero|telefono|celular|cel
ya no tiene ..1 este|ese numero|telefono|celular|cel
no es ..1 numero de
not my kid|child|son|daughter|student|kids|children
not her|his|the|their|that ..1 parent|mom|mother|dad|father|guardian
dont|not|never have ..2 kid|kids|child|children|son|daughter|student|students
no kids|children ..5 school|district|there|here
have no kid|kids|child|children|student|students
no longer ..3 number|phone
number|phone doesnt|not|isnt ..1 belong
number|phone belongs|belong to ..2 business|company|store|office|church
number|phone belongs|belong ..2 someone|somebody|another|different
number ..1 is a ..2 business|company|store|office|church
number|phone ..3 reassigned|transferred
not|doesnt have ..1 number ..1 anymore
changed|switched|got ..3 this number
not the ..2 right person|number
this isnt NAME $
this is not NAME $
nobody|noone ..2 by|with that|this name
no one ..2 by|with that|this name
dont know any ..2 $
dont know who that|this|she|he|they is|are $
dont know this|that|these|those|whoever ..1 person|people|kid|kids|child|student
numero equivocado|incorrecto|erroneo|mal|equibocado
numero ..2 equivocado|incorrecto|equivocados
persona|telefono equivocada|equivocado|incorrecta|incorrecto
se|te equivoco|equivocaron|equivoca|equivocan|ekivoco|equivocaste ..3 numero|persona|telefono
^ ..1 se|te equivoco|equivocaron|equivocaste $
esta|estan|estas|anda|andan equivocado|equivocados|equivocada|equivocadas
^ equivocado|equivocada $
no tengo|tenemos ..2 hijo|hijos|hija|hijas|ninos
no es mi hijo|hija|nino|nina
este|ese no es ..3 numero|telefono|celular|cel
este|ese numero|telefono no es
no es su|de numero|telefono
no soy ..2 mama|papa|padre|madre|persona|tutor
no soy NAME $
no conozco|conocemos a
ni|no conozco|conocemos ..1 esa|esta|su|ese|este|ningun|ninguna ..1 escuela|distrito|colegio|nino|nina|persona|alumno|alumna|muchacho
ni hijos|ninos tengo|tenemos
no tengo|tenemos nada que ver con ..2 escuela|distrito|colegio|nino|nina|alumno|ustedes
numero|telefono|celular|cel ..3 cambio|cambiado de dueno|duena|propietario|manos
numero|telefono|celular|cel ..3 otro|otra|nuevo|nueva dueno|duena|propietario|propietaria
marco|marcaron|llamo|llamaron|llamando|marcando a|al un? una? ..1 taller|negocio|tienda|oficina|restaurante|empresa|consultorio|iglesia|hotel|clinica|hospital|farmacia|tortilleria|lavanderia
hijo|hija|hijos|hijas ..2 estan|son|es grandes|adultos|adulto|adulta
creo ..2 marco|marcaron|llamo|llamaron mal
^ ..2 marco|marcaron mal
you|u|youre|yall|must|ur ..3 trying|looking|meant|mean|intended ..4 someone|somebody|anyone else
you|u|youre|yall|must|ur ..3 trying|looking|meant|mean|intended ..4 different|another|other person|family|parent|mom|mother|dad|father|guy|lady|house|household|number|phone
you|u|youre|youve|yall|ur ..3 CONTACTING|CONTACTED ..2 stranger|strangers
never|not|havent|nt ..2 heard of ..3 school|district|him|her|them|kid|child|student|person
i|we have|got nothing to do with ..2 school|district|kid|child|student
none|neither of my|our ..1 kids|children|sons|daughters ..4 your|this|that|here|there
you|youre|yall|u ..2 CONTACTING|called|reached|dialed|texted a|an ..2 business|company|store|office|church|hospital|restaurant|clinic|hotel|fax|dealership|shop|salon
^ ..1 this|it|its|thats|that|but ..3 not|isnt ..1 for me|us $
idk|dont|not ..2 who this|that|these ..2 for
not who ..1 you|u|youre think|want|need|looking|lookin|are|re
not whom ..1 you|u
used to be ..3 number|phone|cell
this|number was my|his|her|their|someone ..2 number|phone|cell
number|phone ..2 mine now
hijo|hija|hijos|hijas ni|nunca|tampoco ..1 va|van|asisten|asiste|estudian|estudia
no es para mi|nosotros $
no soy|somos quien|quienes
no somos los NAME $
era|fue el ..1 numero|telefono|celular de
numero|telefono|celular|cel ..2 ahora es mio
^ ..1 ahora es mio $
aqui|aca no vive""".split("\n")
)
# The writer used the wrong number. This says nothing about the phone itself.
WRONG_NUMBER_IDIOMS = tuple(
	"""i|we ..3 dialed|called|put|wrote|gave|entered|typed|have|had|listed|texted ..4 wrong number|phone
puse|pusimos|marque|escribi|di|dimos|anote ..3 numero|telefono
i|we ..3 sent|texted|messaged ..5 wrong person
wrong number for his|her
wrong number of
mal|equivocado|incorrecto mi|nuestro numero|telefono
mi|nuestro numero|telefono ..2 mal|equivocado|incorrecto
my|our ..1 number|phone is|was wrong""".split("\n")
)

PURPOSES: dict[str, frozenset[str]] = {
	"Fundraising": word_set(
		"""fundraising fundraiser fundraisers fundraise donation donations donate donating donor money raffle raffles
		recaudacion recaudaciones donacion donaciones donar rifa rifas fondos"""
	),
	"Attendance": word_set(
		"attendance absence absences absent tardy tardies tardiness truancy asistencia asistencias inasistencia inasistencias ausencia ausencias faltas"
	),
	"Academic": word_set(
		"""academic academics grade grades homework assignment assignments exam exams tests
		calificacion calificaciones notas tarea tareas examen examenes academico academicos academica academicas"""
	),
	"Event": word_set(
		"event events concert concerts festival festivals game games evento eventos concierto conciertos fiesta fiestas partido partidos"
	),
	"Fees": word_set(
		"""fee fees payment payments tuition invoice invoices balance balances bill bills billing
		pago pagos cuota cuotas cobro cobros factura facturas colegiatura"""
	),
	"General": word_set("newsletter newsletters news announcements boletin boletines noticias anuncios"),
	"Emergency": word_set("emergency emergencies emergencia emergencias"),
}
EVERYTHING_WORDS = word_set("everything anything todo nada")
EXCEPT_WORDS = word_set(
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

# Another way to be reached, in the same message: "don't call, text me".
STILL_WELCOME = tuple(
	"""^ CONTACT me
^ instead|rather CONTACT
CONTACT me instead
^ CONTACT only
keep CONTACTING|SENDING""".split("\n")
)
