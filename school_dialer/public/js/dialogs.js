// Our dialogs. Ctrl+Enter presses the first button, the focus returns to where it was unless it went on, and a button waits for the fields.
frappe.provide("school_dialer");

(() => {
	const LONGEST_CHECK = 15000;
	let pressed = null;
	document.addEventListener("click", (event) => (pressed = event.target.closest?.("button, a")), true);

	// Frappe disables a button while its action runs, and with that the button loses the focus.
	school_dialer.opener = () =>
		document.activeElement && document.activeElement !== document.body ? document.activeElement : pressed;

	school_dialer.dialog = (options) => with_care(new frappe.ui.Dialog(options));

	school_dialer.prompt = (...args) => with_care(frappe.prompt(...args));

	// The button waits for the answer. Then the dialog closes, or what was refused can be sent again.
	school_dialer.hide_after = (dialog, answer) => {
		dialog.disable_primary_action();
		return answer.then(
			() => dialog.hide(),
			() => dialog.enable_primary_action(),
		);
	};

	// No answer came, so that a question may be asked again. What the site refused would be refused each time.
	const LOST = [0, 502, 503, 504];
	school_dialer.is_unanswered = (refused) => LOST.includes(refused?.status);

	function with_care(dialog) {
		let opener = school_dialer.opener();
		dialog.$wrapper.on("show.bs.modal", () => (opener = school_dialer.opener()));
		dialog.$wrapper.on("hidden.bs.modal", () => {
			if (opener && opener.isConnected && !document.querySelector(".modal.show") && is_free(dialog))
				opener.focus();
		});
		// Before Frappe's own shortcuts, which would act on the form behind.
		dialog.$wrapper[0].addEventListener("keydown", (event) => press_first(dialog, event), true);
		dialog.$wrapper[0].addEventListener("click", (event) => wait_for_fields(dialog, event), true);
		return dialog;
	}

	// A dialog fades out for a while. What its button opened meanwhile keeps the focus.
	function is_free(dialog) {
		const { activeElement: focused } = document;
		return !focused || focused === document.body || dialog.$wrapper[0].contains(focused);
	}

	function press_first(dialog, event) {
		if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
		event.preventDefault();
		event.stopPropagation();
		const button = dialog.get_primary_btn();
		if (!button.prop("disabled")) button.trigger("click");
	}

	// Frappe asks the server about the record that was chosen, and calls the value missing until it answers.
	async function wait_for_fields(dialog, event) {
		const button = dialog.get_primary_btn()[0];
		if (!button || !button.contains(event.target) || !being_checked(dialog)) return;
		event.preventDefault();
		event.stopImmediatePropagation();
		button.disabled = true;
		const end = Date.now() + LONGEST_CHECK;
		while (being_checked(dialog) && Date.now() < end) await frappe.timeout(0.05);
		button.disabled = false;
		if (dialog.display && Date.now() < end) button.click();
		else if (dialog.display)
			frappe.show_alert({ message: __("The server did not answer. Try again."), indicator: "red" });
	}

	const being_checked = (dialog) =>
		Object.values(dialog.fields_dict).some((field) => field.inside_change_event);
})();
