// The steps of a draft: who, what, when, check, send. Each leads to its fields, or does what it says.
(() => {
	const { campaign } = school_dialer;

	const STEPS = [
		{
			label: __("Who"),
			field: "audience_source",
			done: (doc) => doc.purpose && doc.audience_source && (!doc.audience_doctype || doc.audience_name),
		},
		{ label: __("What"), field: "template", done: (doc) => doc.template },
		{
			label: __("When"),
			field: "scheduled_at",
			emergency_field: "max_attempts",
			done: (doc) => doc.purpose,
		},
	];

	const CURRENT = { "font-weight": 600, border: "1px solid currentColor" };

	campaign.show_steps = (frm) => {
		const { doc } = frm;
		if (doc.status !== "Draft" || !campaign.may_write(frm)) return;
		const ready = STEPS.every((step) => step.done(doc));
		const checked = campaign.is_checked(frm);
		const steps = [
			...STEPS.map((step) => ({
				label: step.label,
				done: !!step.done(doc),
				go: () =>
					frm.scroll_to_field(
						doc.purpose === "Emergency" && step.emergency_field
							? step.emergency_field
							: step.field,
					),
			})),
			{
				label: __("Check", null, "Verb"),
				done: ready && checked,
				waits: !ready,
				go: () => campaign.preview(frm),
			},
			{ label: campaign.send_label(doc), done: false, waits: !ready, go: () => campaign.send(frm) },
		];
		const next = steps.findIndex((step) => !step.done);
		const list = $(`<ol class="list-unstyled d-flex flex-wrap mb-0" style="gap: 6px"></ol>`);
		steps.forEach((step, place) => {
			const state = step.done
				? `<span aria-hidden="true">✓</span><span class="sr-only">${__("done")}</span>`
				: place + 1;
			const button = $(
				`<button type="button" class="btn btn-sm btn-default">${state} ${frappe.utils.escape_html(step.label)}</button>`,
			);
			if (place === next) button.attr("aria-current", "step").css(CURRENT);
			// The last step is what all others are for. On a phone, the page's own buttons are behind "...".
			if (ready && place === steps.length - 1)
				button.removeClass("btn-default").addClass("btn-primary");
			button.prop("disabled", !!step.waits).on("click", step.go);
			$("<li></li>").append(button).appendTo(list);
		});
		campaign
			.strip(frm)
			.empty()
			.append($(`<nav aria-label="${__("Steps of this campaign")}"></nav>`).append(list));
	};
})();
