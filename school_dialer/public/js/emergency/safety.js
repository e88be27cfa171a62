// What came of a staff safety poll: who needs help first, with a number to call.
frappe.provide("school_dialer.emergency");

(() => {
	const { emergency } = school_dialer;
	const html = (value) => school_dialer.plain.html(value);
	const TITLES = {
		help: __("Need help"),
		silent: __("Not answered"),
		unreached: __("Not reached"),
		shared: __("One of several at a number is safe"),
		safe: __("Safe"),
	};

	const person = (one) => {
		const number = one.number
			? ` <a class="btn btn-default btn-sm" href="tel:${html(one.number)}">${html(one.number)}</a>`
			: "";
		const about = [
			one.at ? html(moment(one.at).format("LT")) : "",
			one.waiting ? __("still being called") : "",
			one.several ? __("one of {0} at this number answered", [one.several]) : "",
		].filter(Boolean);
		return `<li class="mb-1">${html(one.name)} <span class="text-muted">${about.join(" · ")}</span>${number}</li>`;
	};

	emergency.groups = (found) =>
		Object.entries(TITLES)
			.filter(([group]) => group !== "shared" || found[group].length)
			.map(([group, title]) => {
				const people = found[group];
				const loud = group === "help" && people.length ? "dialer-problem" : "";
				return `<div class="mt-3"><h5 class="mb-1 ${loud}">${title}: ${people.length}</h5><ul class="pl-3 mb-0">${people.map(person).join("")}</ul></div>`;
			})
			.join("") +
		(found.more
			? `<p class="text-muted mt-2 mb-0">${__("There are more. The campaign lists all of them.")}</p>`
			: "");

	// Only what changed is drawn again, so that a number can be pressed while the page refreshes.
	emergency.show_groups = ($part, found) => {
		const drawn = emergency.groups(found);
		if ($part.data("drawn") !== drawn) $part.data("drawn", drawn).html(drawn);
	};
})();
