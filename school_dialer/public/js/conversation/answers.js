// What staff put into an answer, saved replies and files as links, and the player of spoken messages.
(() => {
	const METHODS = "school_dialer.desk.inbox.answers";
	const { html } = school_dialer.plain;
	const get = (method, args) =>
		frappe.call({ method: `${METHODS}.${method}`, type: "GET", args }).then(({ message }) => message);
	const post = (method, args) =>
		frappe.call({ method: `${METHODS}.${method}`, type: "POST", args }).then(({ message }) => message);

	school_dialer.answers = {
		// The buttons above the box. `insert` puts words into it.
		tools: (frm, $place, insert) => {
			const button = (label, action) =>
				$(`<button type="button" class="btn btn-default btn-xs">${label}</button>`)
					.on("click", action)
					.appendTo($place);
			button(__("Saved Replies"), () => choose(frm, insert));
			button(__("Send a File"), () => attach(frm, insert));
			button(__("Answer by Call"), () => frappe.set_route("dialer-number", frm.doctype, frm.docname));
		},
		listen,
		add_shared,
	};

	async function choose(frm, insert) {
		const found = await get("saved_replies", { name: frm.docname });
		const dialog = school_dialer.dialog({
			title: __("Saved Replies"),
			fields: [{ fieldname: "shown", fieldtype: "HTML" }],
		});
		const rows = found.map(
			(one, place) =>
				`<li class="mb-2"><button type="button" class="btn btn-default btn-block text-left" style="white-space: normal" data-place="${place}">
				<b>${html(one.title)}</b> <span class="text-muted">${html(school_dialer.language_name(one.language))}</span><br>${html(one.words)}</button></li>`,
		);
		const none = `<p>${__("There are none yet. A manager writes them under Dialer Saved Reply.")}</p>`;
		dialog
			.get_field("shown")
			.$wrapper.html(rows.length ? `<ul class="list-unstyled mb-0">${rows.join("")}</ul>` : none)
			.on("click", "[data-place]", ({ currentTarget }) => {
				dialog.hide();
				insert(found[cint(currentTarget.dataset.place)].words);
			});
		dialog.show();
	}

	function attach(frm, insert) {
		new frappe.ui.FileUploader({
			allow_multiple: false,
			make_attachments_public: false,
			restrictions: { max_file_size: 10000000 },
			on_success: async (file) => {
				const { url } = await post("share_file", { name: frm.docname, file: file.name });
				insert(url);
				frappe.show_alert(__("The file is a link in your answer. It works for two weeks."));
				add_shared(frm);
			},
		});
	}

	// The links that still work, each with a button that ends it.
	async function add_shared(frm) {
		const $place = frm.get_field("thread_html").$wrapper.find(".dialer-thread-files");
		const found = await get("shared", { name: frm.docname });
		$place.html(
			found
				.map(
					(one) =>
						`<li>${html(one.file_name)} <span class="text-muted">${__(
							"opened {0} times, works until {1}",
							[cint(one.opened), school_dialer.plain.minute(one.expires_at)],
						)}</span> <button type="button" class="btn btn-xs btn-default" data-revoke="${html(one.name)}">${__("End Link")}</button></li>`,
				)
				.join(""),
		);
		$place.off("click").on("click", "[data-revoke]", async ({ currentTarget }) => {
			await post("revoke_file", { name: currentTarget.dataset.revoke });
			add_shared(frm);
		});
	}

	// The sound comes with a POST and lies in no address.
	async function listen(message, $place) {
		$place.html(`<span role="status">${__("Fetching it from the carrier")}</span>`);
		const answer = await fetch(`/api/method/${METHODS}.spoken_message`, {
			method: "POST",
			headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "audio/wav, application/json" },
			body: new URLSearchParams({ message }),
		});
		if (!answer.ok) {
			$place.text(
				answer.status === 404
					? __("There is no longer a recording of this message.")
					: __("It cannot be played now. Try again later."),
			);
			return;
		}
		const address = URL.createObjectURL(await answer.blob());
		$place.html(`<audio controls autoplay src="${address}"></audio>`);
	}
})();
