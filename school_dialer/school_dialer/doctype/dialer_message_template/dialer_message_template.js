// Beside this: public/js/template_*.js, the composer, the field picker and the preview.
frappe.ui.form.on("Dialer Message Template", {
	setup: (frm) => frm.set_query("language", "translations", school_dialer.spoken_languages),
	refresh(frm) {
		school_dialer.composer.show(frm);
		if (!frm.is_new() && frappe.model.can_create("Dialer Campaign"))
			frm.add_custom_button(__("Use in a campaign"), () => use(frm.doc));
	},
});

// The fields are set by the form, so that what each leads to happens too.
async function use({ name, purpose, voice }) {
	await frappe.new_doc("Dialer Campaign");
	await cur_frm.set_value("purpose", purpose);
	await cur_frm.set_value("channel", voice ? "Voice" : "Text");
	await cur_frm.set_value("template", name);
}

const again = (frm) => frm.composer && school_dialer.composer.show(frm);
const FIELDS = [
	"purpose",
	"voice",
	"text",
	"asks",
	"translations_add",
	"translations_remove",
	"translations_move",
];
const WORDS = ["language", "voice", "voicemail", "text", "question", "answers"];
const follow = (names) => Object.fromEntries(names.map((name) => [name, again]));
frappe.ui.form.on("Dialer Message Template", follow(FIELDS));
frappe.ui.form.on("Dialer Message Translation", follow(WORDS));
