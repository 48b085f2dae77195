// What the page does beyond being read: it follows new alerts, and filters the
// board while one types. Everything it shows was rendered by the daemon.
"use strict";
(() => {
    const $ = (id) => document.getElementById(id);
    const LEAST_MS = 1000; // between two refreshes
    const AGAIN_MS = 3000; // before a stream that was refused is asked for again

    // ---- Filter of the board ----

    const form = $("filter");
    const fields = ["name", "type", "region", "system"];

    function wanted() {
        const data = new FormData(form);
        return fields.map((field) => (data.get(field) || "").toLowerCase());
    }

    function fits(entry, [name, ...words]) {
        const data = entry.dataset;
        return (data.name.toLowerCase().includes(name) || data.code.toLowerCase().includes(name)) &&
            words.every((word, i) => !word || data[fields[i + 1]].toLowerCase() === word);
    }

    function filter() {
        const words = wanted();
        let shown = 0, all = 0;
        for (const column of document.querySelectorAll("[data-segment]")) {
            let count = 0;
            for (const entry of column.querySelectorAll("[data-code]")) {
                entry.hidden = !fits(entry, words);
                count += entry.hidden ? 0 : 1;
                all++;
            }
            column.querySelector("[data-count]").textContent = count;
            shown += count;
        }
        $("shown").textContent = shown === all ? `${all} organisations` : `${shown} of ${all} organisations`;
    }

    function remember() {
        const query = new URLSearchParams(new FormData(form));
        for (const field of fields) if (!query.get(field)) query.delete(field);
        history.replaceState(null, "", String(query) ? `/?${query}` : "/");
    }

    // Where the page lists a part only, the daemon has to choose.
    const whole = () => form.dataset.whole && !document.querySelector("[data-cut]");

    function choose() {
        remember();
        if (whole()) filter();
        else refreshSoon();
    }

    if (form) {
        if (fields.every((field) => !form.elements[field] || !form.elements[field].value)) form.dataset.whole = "1";
        form.addEventListener("input", choose);
        form.addEventListener("submit", (event) => { event.preventDefault(); choose(); });
    }

    // ---- Parts that follow the daemon ----

    function replace(old, fresh) {
        const known = new Set([...old.querySelectorAll("[data-alert]")].map((entry) => entry.dataset.alert));
        for (const entry of fresh.querySelectorAll("[data-alert]"))
            if (!known.has(entry.dataset.alert)) entry.classList.add("fresh");
        const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        for (const open of old.querySelectorAll("details[open]")) {
            const same = open.id && fresh.querySelector(`#${CSS.escape(open.id)}`);
            if (same) same.open = true;
        }
        old.replaceWith(fresh);
        const again = focused && [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
        if (again) again.focus({ preventScroll: true });
    }

    let last = -LEAST_MS, due = null;

    // All of the board, when this side filters it.
    function address() {
        const url = new URL(location.href);
        if (form && whole()) for (const field of fields) url.searchParams.delete(field);
        return url;
    }

    async function refresh() {
        last = performance.now();
        const reply = await fetch(address(), { headers: { Accept: "text/html" } });
        if (!reply.ok) return;
        const page = new DOMParser().parseFromString(await reply.text(), "text/html");
        for (const old of document.querySelectorAll("[data-live]")) {
            const fresh = page.getElementById(old.id);
            if (fresh) replace(old, document.adoptNode(fresh));
        }
        if (form && whole()) filter();
    }

    function refreshSoon() {
        if (due) return;
        due = setTimeout(() => { due = null; refresh().catch(() => {}); }, Math.max(0, last + LEAST_MS - performance.now()));
    }

    // ---- The stream of alerts ----

    const live = $("live"), news = $("news");
    let heard = false, after = live.dataset.after;

    function state(word, text) {
        live.dataset.state = word;
        live.textContent = text;
    }

    function alerted(event) {
        let alert;
        try {
            alert = JSON.parse(event.data);
        } catch {
            return;
        }
        if (!alert.data || !alert.id) return;
        after = alert.id;
        news.textContent = `New alert: ${alert.data.summary}`;
        news.dataset.alert = alert.id;
        refreshSoon();
    }

    // From where the page stood when it was made: nothing falls in between.
    function follow() {
        const stream = new EventSource(`/api/v1/stream?after=${after}`);
        stream.addEventListener("open", () => {
            state("on", "Live");
            if (heard) refreshSoon(); // what happened meanwhile
            heard = true;
        });
        stream.addEventListener("error", () => {
            state("lost", "Not live, trying again");
            // A browser asks again by itself when the way is cut, not when it got a refusal: of a daemon that starts.
            if (stream.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
        });
        stream.addEventListener("alert", alerted);
        stream.addEventListener("truncated", refreshSoon);
    }

    follow();
    // Not everything that changes is an alert.
    setInterval(() => { if (!document.hidden) refreshSoon(); }, 60000);
})();
