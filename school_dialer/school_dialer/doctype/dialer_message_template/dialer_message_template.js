// Beside this: public/js/template_*.js, the composer, the field picker and the preview.
frappe.ui.form.on("Dialer Message Template", {
	setup: (frm) => frm.set_query("language", "translations", school_dialer.spoken_languages),
	refresh: (frm) => school_dialer.composer.show(frm),
});

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
