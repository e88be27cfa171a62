// A dialog by keyboard: Ctrl+Enter presses its first button, and the focus returns to where it was when the dialog closes.
frappe.provide("school_dialer");

(() => {
	let pressed = null;
	document.addEventListener("click", (event) => (pressed = event.target.closest?.("button, a")), true);

	// Frappe disables a button while its action runs, and with that the button loses the focus.
	school_dialer.opener = () =>
		document.activeElement && document.activeElement !== document.body ? document.activeElement : pressed;
})();

school_dialer.with_keys = (dialog) => {
	const opener = school_dialer.opener();
	// Before Frappe's own shortcuts, which would act on the form behind.
	dialog.$wrapper[0].addEventListener(
		"keydown",
		(event) => {
			if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
			event.preventDefault();
			event.stopPropagation();
			const button = dialog.get_primary_btn();
			if (!button.prop("disabled")) button.trigger("click");
		},
		true,
	);
	dialog.$wrapper.on("hidden.bs.modal", () => {
		if (opener && opener.isConnected && !document.querySelector(".modal.show")) opener.focus();
	});
	return dialog;
};
