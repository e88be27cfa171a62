// A request to start that is kept in the browser until the server has answered it, through a lost connection and a closed page.
// The key is made once for each press: the server starts the same key once only.
frappe.provide("school_dialer.emergency");

(() => {
	const { emergency } = school_dialer;
	const METHOD = "/api/method/school_dialer.desk.emergency_kit.starts.start";
	const SOON = 2000;
	const LATEST = 15000;
	const TIMEOUT = 20000;

	const random = () => {
		const bytes = crypto.getRandomValues(new Uint8Array(20));
		return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
	};

	emergency.Queue = class {
		// `report(request, state, answer)`: state is "waiting", "started", "old", "asked" or "refused".
		constructor(old_seconds, report) {
			this.old_seconds = old_seconds;
			this.report = report;
			this.place = `dialer_emergency:${frappe.session.user}`;
			this.wait = SOON;
			this.online = () => this.send(true);
			window.addEventListener("online", this.online);
		}

		kept() {
			try {
				return JSON.parse(localStorage.getItem(this.place)) || null;
			} catch {
				return null;
			}
		}

		keep(request) {
			this.request = request;
			try {
				if (request) localStorage.setItem(this.place, JSON.stringify(request));
				else localStorage.removeItem(this.place);
			} catch {
				// A browser without storage sends it while the page is open.
			}
		}

		add(values) {
			this.keep({ ...values, key: random(), pressed: Date.now() });
			this.send(true);
		}

		// After the question whether an old request is still meant: the same key, so that nothing starts twice.
		again(more = {}) {
			this.keep({ ...this.request, ...more, pressed: Date.now() });
			this.send(true);
		}

		drop() {
			clearTimeout(this.next);
			this.keep(null);
		}

		// What an earlier visit to this page left.
		resume() {
			this.request ||= this.kept();
			if (this.request) this.send(true);
			return this.request;
		}

		async send(now = false) {
			const { request } = this;
			if (!request || this.sending) return;
			clearTimeout(this.next);
			if (now) this.wait = SOON;
			const waited = Math.max(0, (Date.now() - request.pressed) / 1000);
			if (waited > this.old_seconds) return this.report(request, "old");
			this.report(request, "waiting");
			this.sending = true;
			const answer = await this.post({ ...request, waited }).finally(() => {
				this.sending = false;
			});
			if (this.request !== request) return this.send(true);
			if (answer.state !== "waiting") {
				if (!["old", "asked"].includes(answer.state)) this.keep(null);
				return this.report(request, answer.state, answer);
			}
			this.next = setTimeout(() => this.send(), this.wait);
			this.wait = Math.min(LATEST, this.wait * 1.5);
		}

		// No answer, an answer that is not the site's, and a server that is busy or broken: the request stays.
		async post({ item, key, details, waited, drill, agreed }) {
			const stop = new AbortController();
			const timer = setTimeout(() => stop.abort(), TIMEOUT);
			try {
				const response = await fetch(METHOD, {
					method: "POST",
					headers: {
						Accept: "application/json",
						"Content-Type": "application/json",
						"X-Frappe-CSRF-Token": frappe.csrf_token,
					},
					body: JSON.stringify({
						item,
						key,
						details,
						waited,
						drill: drill ? 1 : 0,
						agreed: JSON.stringify(agreed || []),
					}),
					signal: stop.signal,
				});
				const found = await response.json();
				if (response.ok && found.message?.questions)
					return { state: "asked", questions: found.message.questions };
				if (response.ok && found.message) return { state: "started", start: found.message };
				if (found.exc_type === "TooOld") return { state: "old" };
				const final = response.status >= 400 && response.status < 500;
				if (!final || [408, 425, 429].includes(response.status)) return { state: "waiting" };
				return { state: "refused", why: said(found) };
			} catch {
				return { state: "waiting" };
			} finally {
				clearTimeout(timer);
			}
		}
	};

	function said(found) {
		try {
			const messages = JSON.parse(found._server_messages || "[]").map((one) => JSON.parse(one).message);
			const holder = new DOMParser().parseFromString(messages.join("\n"), "text/html");
			return holder.body.textContent || __("The server refused it. Load the page again.");
		} catch {
			return __("The server refused it. Load the page again.");
		}
	}
})();
