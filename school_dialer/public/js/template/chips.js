// A script as people read it: fields are chips with their names, conditions are sentences. What is stored is the text with its braces;
// each chip keeps the piece that it stands for, so that nothing is rewritten that was not touched.
frappe.provide("school_dialer.chips");

(() => {
	const { chips } = school_dialer;
	const PIECES = /(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/;
	const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;
	const WORD = /("[^"]*"|'[^']*')|\b([a-z_]\w*)\b/gi;
	const LOGIC = { and: __("and"), or: __("or"), not: __("not") };
	chips.STYLE = `
.dialer-composer .dialer-script { height: auto; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.9; }
.dialer-composer .dialer-script:focus { outline: 2px solid var(--primary, #2490ef); outline-offset: 1px; }
.dialer-composer .dialer-chip { padding: 1px 8px; border: 1px solid var(--border-color); border-radius: 12px; background: var(--fg-color, var(--card-bg)); white-space: normal; }
.dialer-composer .dialer-chip[data-kind=condition] { border-style: dashed; font-style: italic; }
.dialer-composer[data-mode=chips] [data-box].has-chips textarea, .dialer-composer[data-mode=text] .dialer-script { display: none; }`;

	const label_of = (fields, name) => (fields || []).find((one) => one.name === name)?.label || name;
	const strings = (text) => [...text.matchAll(QUOTED)].map(([, double, single]) => double ?? single);

	// "Names of the students", "Details, or: Please see the calendar.", "was / were".
	function field_words(written, fields) {
		const [name, ...filters] = written.slice(2, -2).trim().split("|");
		const label = label_of(fields, name.trim());
		for (const filter of filters.map((one) => one.trim())) {
			if (filter.startsWith("plural")) return strings(filter).join(" / ") || label;
			if (filter.startsWith("default"))
				return __("{0}, or: {1}", [label, strings(written).join(" ") || "…"]);
		}
		return label;
	}

	const expression_words = (text, fields) =>
		text.replace(WORD, (all, quoted, name) => quoted || LOGIC[name] || label_of(fields, name));

	function condition_words(written, fields) {
		const text = written.slice(2, -2).replace(/^-|-$/g, "").trim();
		const [verb, ...rest] = text.split(/\s+/);
		const asked = expression_words(rest.join(" "), fields);
		switch (verb) {
			case "if":
				if (rest[0] === "not" && rest.length === 2)
					return __("Only if there is no: {0}", [label_of(fields, rest[1])]);
				return __("Only if there is: {0}", [asked]);
			case "elif":
				return __("otherwise, if there is: {0}", [asked]);
			case "else":
				return __("otherwise");
			case "endif":
				return __("end of the condition");
			case "each":
				return __("For each student:");
			case "endeach":
				return __("end of each student");
			default:
				return text;
		}
	}

	// Text and chips of a script. The last line break shows only if something follows it.
	chips.draw = (element, source, fields) => {
		const nodes = source
			.split(PIECES)
			.filter(Boolean)
			.map((piece) => (PIECES.test(piece) ? chip(piece, fields) : document.createTextNode(piece)));
		const last = nodes.at(-1);
		if (last && (last.nodeType === Node.ELEMENT_NODE || last.nodeValue.endsWith("\n")))
			nodes.push(document.createElement("br"));
		element.replaceChildren(...nodes);
	};

	function chip(written, fields) {
		const condition = written.startsWith("{%");
		const one = document.createElement("span");
		one.className = "dialer-chip";
		one.contentEditable = "false";
		one.dataset.written = written;
		one.dataset.kind = condition ? "condition" : "field";
		one.title = written;
		one.textContent = condition ? condition_words(written, fields) : field_words(written, fields);
		return one;
	}

	// The script that an element, or a piece of it, stands for. Browsers make a <div> of each line that is typed.
	chips.read = (element) => {
		const lines = [""];
		const walk = (parent) => {
			for (const node of parent.childNodes) {
				const before = node.previousSibling;
				if (node.nodeName === "BR") {
					if (node.nextSibling && !is_line(node.nextSibling)) lines.push("");
					continue;
				}
				// A line ends before the next one, and also before what stands behind it.
				if (before && (is_line(node) || is_line(before))) lines.push("");
				if (node.nodeType === Node.TEXT_NODE) lines[lines.length - 1] += clean(node.nodeValue);
				else if (node.dataset?.written) lines[lines.length - 1] += node.dataset.written;
				else walk(node);
			}
		};
		walk(element);
		return lines.join("\n");
	};

	const is_line = (node) => ["DIV", "P"].includes(node.nodeName);
	const clean = (text) => text.replace(/\u00a0/g, " ").replace(/\u200b/g, "");

	// Where the cursor stands, in the script. Undefined if it is elsewhere.
	chips.place_of = (element) => {
		const selection = getSelection();
		if (!selection.rangeCount || !element.contains(selection.anchorNode)) return undefined;
		const before = selection.getRangeAt(0).cloneRange();
		before.setStart(element, 0);
		return chips.read(before.cloneContents()).length;
	};

	// Put the cursor at a place in a script that was just drawn.
	chips.go_to = (element, place) => {
		element.focus();
		const range = document.createRange();
		range.selectNodeContents(element);
		range.collapse(false);
		let left = place;
		for (const node of element.childNodes) {
			const length = (node.dataset?.written ?? node.nodeValue ?? "").length;
			if (!left && node.dataset?.written) {
				range.setStartBefore(node);
				range.collapse(true);
				break;
			}
			if (left <= length && node.nodeType === Node.TEXT_NODE) {
				range.setStart(node, left);
				range.collapse(true);
				break;
			}
			if (left <= length && node.dataset?.written) {
				range.setStartAfter(node);
				range.collapse(true);
				break;
			}
			left -= length;
		}
		const selection = getSelection();
		selection.removeAllRanges();
		selection.addRange(range);
	};

	// Whether a field was typed or pasted with its braces, and is still to become a chip.
	chips.has_raw = (element) =>
		[...element.childNodes].some((node) => !node.dataset?.written && PIECES.test(node.textContent));

	// What is copied is the script, and what is pasted is plain text: no colors, no links, and a chip stays what it is.
	chips.guard = (element) => {
		const selected = () => chips.read(getSelection().getRangeAt(0).cloneContents());
		const copy = (event) => {
			if (getSelection().isCollapsed) return;
			event.preventDefault();
			event.clipboardData.setData("text/plain", selected());
			if (event.type === "cut") document.execCommand("delete");
		};
		element.addEventListener("copy", copy);
		element.addEventListener("cut", copy);
		element.addEventListener("drop", (event) => event.preventDefault());
		element.addEventListener("paste", (event) => {
			event.preventDefault();
			document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
		});
	};
})();
