frappe.listview_settings["Dialer Call Log"] = {
	add_fields: ["status"],
	get_indicator(doc) {
		const colours = {
			completed: "green",
			delivered: "green",
			read: "green",
			busy: "orange",
			"no-answer": "orange",
			failed: "red",
			undelivered: "red",
			refused: "red",
			canceled: "gray",
			unknown: "purple",
		};
		return [__(doc.status), colours[doc.status] || "blue", `status,=,${doc.status}`];
	},
};
