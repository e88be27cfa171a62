// The answers of a poll, or the reasons, on the form of a campaign: counts with a chart, and the way to the people of each.
frappe.provide("school_dialer.answers");

(() => {
	const escape = frappe.utils.escape_html;
	const UNHEARD = {
		"no PIN": __("answered and have no PIN: they heard a general message"),
		"PIN locked": __("entered a wrong PIN too often today"),
		"wrong PIN": __("answered and did not know the PIN"),
		"not confirmed": __("answered and did not confirm who they are"),
		"hung up early": __("answered and hung up before the message was over"),
		"words not fetched": __("answered and heard no message: the carrier could not get it from this site"),
		"not acknowledged": __("answered and did not press the key that says they heard it"),
	};

	function list(doctype, filters) {
		const query = Object.entries(filters).map(
			([field, value]) => `${field}=${encodeURIComponent(value)}`,
		);
		return `/${frappe.boot.school_dialer.desk}/${doctype}?${query.join("&")}`;
	}

	function table(title, rows) {
		const lines = rows
			.map(
				({ words, href, people }) =>
					`<tr><td>${href && people ? `<a href="${href}" style="text-decoration: underline">${words}</a>` : words}</td><td class="text-right">${people}</td></tr>`,
			)
			.join("");
		return `<table class="table table-sm"><thead><tr><th scope="col">${title}</th><th scope="col" class="text-right">${__("People")}</th></tr></thead><tbody>${lines}</tbody></table>`;
	}

	function answers_html(campaign, found) {
		const rows = found.answers.map(({ key, label, people }) => ({
			words: `${key}. ${escape(label)}`,
			href: list("dialer-answer", { campaign, answer: key }),
			people,
		}));
		rows.push({ words: __("Reached, no answer"), people: found.not_answered });
		const report = `/${frappe.boot.school_dialer.desk}/query-report/Campaign Answers?campaign=${encodeURIComponent(campaign)}`;
		return `<h5>${escape(found.question)}</h5>
			<div class="row"><div class="col-sm-6">${table(__("Answers"), rows)}<p><a class="btn btn-default btn-xs" href="${report}">${__("All answers, to filter and export")}</a></p></div>
			<div class="col-sm-6"><div data-part="answer-chart" aria-hidden="true"></div></div></div>`;
	}

	function unheard_html(campaign, unheard) {
		const rows = Object.entries(unheard).map(([outcome, people]) => ({
			words: escape(UNHEARD[outcome] || outcome),
			href: list("dialer-recipient", { campaign, outcome }),
			people,
		}));
		return rows.length ? table(__("Did not hear the message"), rows) : "";
	}

	function draw(wrapper, answers) {
		const parent = wrapper.find("[data-part=answer-chart]")[0];
		if (!parent || !answers.some(({ people }) => people)) return;
		new frappe.Chart(parent, {
			type: "bar",
			height: 180,
			animate: 0,
			colors: ["blue"],
			axisOptions: { xAxisMode: "tick" },
			data: {
				labels: answers.map(({ key }) => String(key)),
				datasets: [{ name: __("People"), values: answers.map(({ people }) => people) }],
			},
		});
	}

	school_dialer.answers.show = async (frm) => {
		const name = frm.doc.name;
		const { message: found } = await frappe.call({
			method: "school_dialer.desk.responses.results",
			type: "GET",
			args: { campaign: name },
		});
		const shown = JSON.stringify([name, found]);
		if (frm.doc.name !== name || frm.shown_answers === shown) return;
		frm.shown_answers = shown;
		const wrapper = frm.get_field("answers_html").$wrapper;
		wrapper.html(unheard_html(name, found.unheard) + (found.kind ? answers_html(name, found) : ""));
		if (found.kind) draw(wrapper, found.answers);
	};
})();
