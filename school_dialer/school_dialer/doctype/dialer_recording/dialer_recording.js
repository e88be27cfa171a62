frappe.ui.form.on("Dialer Recording", {
	refresh(frm) {
		frm.disable_save();
		const $player = frm.get_field("player").$wrapper.empty();
		if (!frm.doc.file) return;
		$("<audio controls preload='none' style='width: 100%'>")
			.attr({ src: frm.doc.file, "aria-label": frm.doc.label })
			.appendTo($player);
	},
});
