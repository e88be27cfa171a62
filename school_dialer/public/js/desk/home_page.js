// Headings of our home page and the words of its onboarding in the reader's language: Frappe 15 shows both as they are stored.
frappe.provide("school_dialer");

$(document).on("startup", () => {
	const OURS = ["Needs You", "Today", "Go to"];
	const { header } = frappe.workspace_block?.blocks || {};
	if (header) {
		const { rendered } = header.prototype;
		header.prototype.rendered = function (...args) {
			rendered.apply(this, args);
			// While the page is edited, what stands there is what is saved.
			if (!this.readOnly || !this._element) return;
			for (const one of this._element.querySelectorAll("b"))
				if (OURS.includes(one.textContent)) one.textContent = __(one.textContent);
		};
	}
	const { onboarding } = frappe.widget?.widget_factory || {};
	if (onboarding?.prototype.show_step) {
		const { show_step } = onboarding.prototype;
		onboarding.prototype.show_step = function (step) {
			if (step?.description) step.description = __(step.description);
			return show_step.call(this, step);
		};
	}
});
