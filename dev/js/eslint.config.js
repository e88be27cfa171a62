// ESLint's recommended rules for the Desk's scripts, with the globals that Frappe gives them. Layout is Prettier's affair.
import js from "@eslint/js";
import globals from "globals";

const OF_FRAPPE = [
	"$",
	"__",
	"cint",
	"cur_frm",
	"cur_list",
	"cur_page",
	"flt",
	"format_currency",
	"format_number",
	"frappe",
	"locals",
	"moment",
	"strip_html",
];

export default [
	js.configs.recommended,
	{
		files: ["**/*.js"],
		languageOptions: {
			sourceType: "script",
			globals: {
				...globals.browser,
				...Object.fromEntries(OF_FRAPPE.map((name) => [name, "readonly"])),
				school_dialer: "writable",
			},
		},
		rules: { "no-console": "error", eqeqeq: "error", "prefer-const": "error" },
	},
];
