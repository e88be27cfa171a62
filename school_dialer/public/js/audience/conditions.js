// The dialog in which one condition is made.
(() => {
	const { audience, plain } = school_dialer;
	const PEOPLE_WITH_NAMES = ["Student Group", "Program"];
	const OUTCOMES = {
		Reached: __("were reached"),
		Acknowledged: __("acknowledged it"),
		"Not Reached": __("were not reached"),
		Called: __("were called at least once"),
		Anybody: __("were on it at all"),
	};
	const OPERATORS = {
		is: __("is"),
		"is not": __("is not"),
		contains: __("contains"),
		"at least": __("is at least"),
		"at most": __("is at most"),
		"is set": __("is filled in"),
		"is not set": __("is empty"),
	};
	const INPUTS = {
		Select: "select",
		Link: "link",
		Date: "day",
		Datetime: "day",
		Check: "check",
		Int: "number",
		Float: "number",
		Currency: "number",
		Percent: "number",
	};
	const KINDS = {
		"Student Group": __("Student group"),
		Program: __("Grade (or program)"),
		Attendance: __("Attendance"),
		Fees: __("Fees"),
		Field: __("A field of their record"),
		People: __("Certain people"),
		Campaign: __("Another campaign"),
		"Consent Age": __("Last confirmed long ago"),
	};

	audience.add_condition = async (frm, part) => {
		let offered;
		try {
			offered = await audience.ask("conditions", { audience_source: frm.doc.audience_source });
		} catch (error) {
			return frappe.msgprint({
				title: __("Filter Not Read"),
				message: frappe.utils.escape_html(error.message),
				indicator: "red",
			});
		}
		const kinds = offered.kinds.filter(({ kind }) => KINDS[kind]);
		if (!kinds.length) {
			return frappe.msgprint({
				title: __("No conditions"),
				message: __(
					"Your roles do not let you read the records by which this audience could be narrowed.",
				),
				indicator: "orange",
			});
		}
		let dialog = null;
		dialog = school_dialer.dialog({
			title: part === "only" ? __("Only include …") : __("Exclude …"),
			fields: fields_of(kinds, offered, () => dialog),
			primary_action_label: __("Add"),
			async primary_action(values) {
				const condition = condition_of(values, offered);
				dialog.disable_primary_action();
				const problem = lacking(dialog, values) || (await refused(frm, part, condition));
				dialog.enable_primary_action();
				dialog
					.get_field("problem")
					.$wrapper.html(
						`<p class="mb-0" style="color: var(--text-on-red)" role="alert">${frappe.utils.escape_html(problem || "")}</p>`,
					);
				if (problem) return;
				const filters = audience.filters_of(frm);
				filters[part].push(condition);
				dialog.hide();
				frm.counted_before = frm.counted;
				await audience.set_filters(frm, filters);
				frm.get_field("filters_html").$wrapper.find(`[data-act=${part}]`).trigger("focus");
			},
		});
		dialog.show();
		set_fields(dialog, offered);
	};

	// Frappe shows what is suggested as HTML.
	async function names_of(doctype, text) {
		const found = (await frappe.db.get_link_options(doctype, text)) || [];
		return found.map(({ value, label, description }) => ({
			value,
			label: plain.line(label || value),
			description: plain.line(description),
		}));
	}

	const is_empty = (value) =>
		value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);

	// What the chosen kind needs and is not filled in; only the amount of fees may be left out.
	function lacking(dialog, values) {
		const asked = ({ df }) =>
			(df.of_kind === values.kind && (!df.period || df.period === values.period)) ||
			(df.fieldname.startsWith("value_") && !df.hidden);
		const empty = dialog.fields_list.find(
			(field) => asked(field) && field.df.fieldname !== "over" && is_empty(values[field.df.fieldname]),
		);
		return empty ? __("{0} is missing.", [empty.df.label]) : null;
	}

	// The server's word on the condition by itself.
	async function refused(frm, part, condition) {
		try {
			await audience.ask(
				"check",
				{
					audience_source: frm.doc.audience_source,
					filters: JSON.stringify({ [part]: [condition] }),
				},
				"POST",
			);
		} catch (error) {
			return error.message;
		}
		return null;
	}

	function fields_of(kinds, offered, dialog) {
		const of = (kind, field) => ({
			...field,
			of_kind: kind,
			depends_on: `eval:doc.kind=='${kind}'${field.period ? ` && doc.period=='${field.period}'` : ""}`,
		});
		const records = offered.records.map((one) => ({ value: one.doctype, label: plain.line(one.title) }));
		const first = (records[0] || {}).value;
		return [
			{
				fieldname: "kind",
				fieldtype: "Select",
				label: __("Filter by"),
				reqd: 1,
				options: kinds.map(({ kind }) => ({ value: kind, label: KINDS[kind] })),
				default: kinds[0].kind,
				onchange: () => show_value(dialog(), offered),
			},
			...PEOPLE_WITH_NAMES.map((doctype) =>
				of(doctype, {
					fieldname: `names_${frappe.scrub(doctype)}`,
					fieldtype: "MultiSelectPills",
					label: KINDS[doctype],
					description: __("One or several."),
					get_data: (text) => names_of(doctype, text),
				}),
			),
			of("Attendance", {
				fieldname: "status",
				fieldtype: "Select",
				label: __("Marked"),
				options: offered.statuses.map((one) => ({ value: one, label: plain.line(__(one)) })),
				default: offered.statuses.includes("Absent") ? "Absent" : offered.statuses[0],
			}),
			of("Attendance", {
				fieldname: "at_least",
				fieldtype: "Int",
				label: __("At least this many days"),
				default: 1,
			}),
			of("Attendance", {
				fieldname: "period",
				fieldtype: "Select",
				label: __("When"),
				options: [
					{ value: "days", label: __("In the last days, today included") },
					{ value: "between", label: __("Between two days") },
				],
				default: "days",
			}),
			of("Attendance", {
				fieldname: "days",
				fieldtype: "Int",
				label: __("Number of days"),
				default: 30,
				period: "days",
			}),
			of("Attendance", { fieldname: "from", fieldtype: "Date", label: __("From"), period: "between" }),
			of("Attendance", { fieldname: "to", fieldtype: "Date", label: __("To"), period: "between" }),
			of("Fees", {
				fieldname: "owed",
				fieldtype: "Select",
				label: __("Who has"),
				options: [
					{ value: "due", label: __("fees due") },
					{ value: "overdue", label: __("overdue fees") },
				],
				default: "due",
			}),
			of("Fees", {
				fieldname: "over",
				fieldtype: "Float",
				label: __("Of more than"),
				description: __("Together, in one currency. Leave blank for any amount."),
			}),
			of("Field", {
				fieldname: "doctype",
				fieldtype: "Select",
				label: __("Of whom"),
				options: records,
				default: first,
				onchange: () => set_fields(dialog(), offered),
			}),
			of("Field", {
				fieldname: "fieldname",
				fieldtype: "Select",
				label: __("Field"),
				onchange: () => set_operators(dialog(), offered),
			}),
			of("Field", {
				fieldname: "operator",
				fieldtype: "Select",
				label: __("Condition"),
				onchange: () => show_value(dialog(), offered),
			}),
			{ fieldname: "value_text", fieldtype: "Data", label: __("Value"), hidden: 1 },
			{ fieldname: "value_select", fieldtype: "Select", label: __("Value"), hidden: 1 },
			{ fieldname: "value_link", fieldtype: "Link", label: __("Value"), options: "DocType", hidden: 1 },
			{ fieldname: "value_day", fieldtype: "Date", label: __("Day"), hidden: 1 },
			{ fieldname: "value_number", fieldtype: "Float", label: __("Number"), hidden: 1 },
			{
				fieldname: "value_check",
				fieldtype: "Select",
				label: __("Value"),
				options: [
					{ value: "1", label: __("Yes") },
					{ value: "0", label: __("No") },
				],
				hidden: 1,
			},
			of("People", {
				fieldname: "who",
				fieldtype: "Select",
				label: __("Of whom"),
				options: records,
				default: first,
				onchange: () => dialog().set_value("names", []),
			}),
			of("People", {
				fieldname: "names",
				fieldtype: "MultiSelectPills",
				label: __("Who"),
				description: __("One or several."),
				get_data: (text) => (dialog() ? names_of(dialog().get_value("who"), text) : []),
			}),
			of("Campaign", {
				fieldname: "campaign",
				fieldtype: "Link",
				label: __("Campaign"),
				options: "Dialer Campaign",
			}),
			of("Campaign", {
				fieldname: "outcome",
				fieldtype: "Select",
				label: __("Those who"),
				options: offered.outcomes.map((one) => ({ value: one, label: OUTCOMES[one] })),
				default: offered.outcomes[0],
			}),
			of("Consent Age", {
				fieldname: "consent_days",
				fieldtype: "Int",
				label: __("At least this many days ago"),
				default: 365,
			}),
			of("Consent Age", {
				fieldname: "uncertain",
				fieldtype: "Select",
				label: __("Look-ups without an answer"),
				options: [
					{ value: "no", label: __("Do not matter") },
					{ value: "yes", label: __("Count too") },
				],
				default: "no",
			}),
			{ fieldname: "problem", fieldtype: "HTML" },
		];
	}

	const fields_named = (offered, doctype) =>
		(offered.records.find((one) => one.doctype === doctype) || { fields: [] }).fields;
	const field_in = (offered, values) =>
		fields_named(offered, values.doctype).find((one) => one.fieldname === values.fieldname);

	function set_fields(dialog, offered) {
		const fields = fields_named(offered, dialog.get_value("doctype"));
		dialog.set_df_property(
			"fieldname",
			"options",
			fields.map((one) => ({ value: one.fieldname, label: plain.line(one.label) })),
		);
		dialog
			.set_value("fieldname", fields.length ? fields[0].fieldname : null)
			.then(() => set_operators(dialog, offered));
	}

	// Once for each field, however many promises ask for it: the reader's own choice is not taken back.
	function set_operators(dialog, offered) {
		const field = field_in(offered, dialog.get_values(true));
		if (!field || field === dialog.field_of_operators) return;
		dialog.field_of_operators = field;
		dialog.set_df_property(
			"operator",
			"options",
			field.operators.map((one) => ({ value: one, label: OPERATORS[one] })),
		);
		if (field.fieldtype === "Select")
			dialog.set_df_property(
				"value_select",
				"options",
				field.options.map((one) => ({ value: one, label: plain.line(__(one)) })),
			);
		if (field.fieldtype === "Link") dialog.get_field("value_link").df.options = field.options;
		dialog.set_value("operator", field.operators[0]).then(() => show_value(dialog, offered));
	}

	const input_of = (field, operator) =>
		operator.endsWith("set")
			? null
			: operator === "contains"
				? "text"
				: INPUTS[field.fieldtype] || "text";

	// Frappe redraws a field whose properties are set, and what is being typed in it is lost. Answers to the
	// choices above come late on a slow machine, so a field that is already right is left alone.
	function hide(dialog, fieldname, hidden) {
		if (Boolean(dialog.get_field(fieldname).df.hidden) === hidden) return;
		dialog.set_df_property(fieldname, "hidden", hidden ? 1 : 0);
	}

	function show_value(dialog, offered) {
		const values = dialog.get_values(true);
		const field = values.kind === "Field" && field_in(offered, values);
		const wanted = field && values.operator ? input_of(field, values.operator) : null;
		for (const input of ["text", "select", "link", "day", "number", "check"]) {
			hide(dialog, `value_${input}`, input !== wanted);
		}
		if (wanted === "check" && !values.value_check) dialog.set_value("value_check", "1");
	}

	function condition_of(values, offered) {
		const { kind } = values;
		if (PEOPLE_WITH_NAMES.includes(kind)) return { kind, names: values[`names_${frappe.scrub(kind)}`] };
		if (kind === "Attendance") {
			const period =
				values.period === "days" ? { days: values.days } : { from: values.from, to: values.to };
			return { kind, status: values.status, at_least: values.at_least, ...period };
		}
		if (kind === "Fees") return { kind, overdue: values.owed === "overdue", over: values.over || 0 };
		if (kind === "People") return { kind, doctype: values.who, names: values.names };
		if (kind === "Campaign") return { kind, campaign: values.campaign, outcome: values.outcome };
		if (kind === "Consent Age")
			return { kind, days: values.consent_days, uncertain: values.uncertain === "yes" };
		const { doctype, fieldname, operator } = values;
		const input = input_of(field_in(offered, values), operator);
		const value = input === "check" ? values.value_check === "1" : input && values[`value_${input}`];
		return { kind, doctype, fieldname, operator, ...(input ? { value } : {}) };
	}
})();
