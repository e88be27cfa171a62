// Builds every public/**/*.bundle.{js,ts,css,scss} of the apps into sites/assets/<app>/dist and lists the
// results in sites/assets/assets.json and assets-rtl.json, where Frappe looks for them.
//   node build.js BENCH APP[,APP...]
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const bench = path.resolve(process.argv[2]);
const wanted = process.argv[3].split(",");
const apps_folder = path.join(bench, "apps");
const sites = path.join(bench, "sites");
const assets = path.join(sites, "assets");
const frappe = path.join(apps_folder, "frappe");
const installed = fs.readFileSync(path.join(sites, "apps.txt"), "utf8").split("\n").filter(Boolean);

const require_tool = createRequire(path.join(frappe, "package.json"));
const esbuild = require_tool("esbuild");
const glob = require_tool("fast-glob");
const vue = require_tool("esbuild-plugin-vue3");
const rtlcss = require_tool("rtlcss");
const autoprefixer = require_tool("autoprefixer");
const postcss = require_tool("@frappe/esbuild-plugin-postcss2").default;

// An imported .html file becomes an entry of frappe.templates.
const html_templates = {
	name: "html-templates",
	setup(build) {
		build.onResolve({ filter: /\.html$/ }, (args) => ({
			path: path.join(args.resolveDir, args.path),
			namespace: "html-templates",
		}));
		build.onLoad({ filter: /.*/, namespace: "html-templates" }, (args) => {
			const name = path.basename(args.path).split(".")[0];
			const markup = fs.readFileSync(args.path, "utf8").replace(/`/g, "\\`");
			return { contents: `frappe.templates['${name}'] = \`${markup}\`;\n` };
		});
	},
};

// URLs below /assets/ are served as they are.
const served_files = {
	name: "served-files",
	setup(build) {
		build.onResolve({ filter: /^\/assets\// }, (args) => ({ path: args.path, external: true }));
	},
};

// The Desk loads no stylesheet of a Vue bundle: its styles travel inside the script.
const vue_styles = {
	name: "vue-styles",
	setup(build) {
		build.initialOptions.write = false;
		build.onEnd((result) => {
			const styled = new Set(
				Object.entries(result.metafile.outputs)
					.filter(([, output]) => output.entryPoint && has_vue_style(output))
					.map(([file]) => path.resolve(file))
			);
			for (const file of result.outputFiles) write_output(file, result.outputFiles, styled);
		});
	},
};

function has_vue_style(output) {
	return Object.keys(output.inputs).some((input) => input.includes(".vue?type=style"));
}

function write_output(file, all_files, styled) {
	let contents = file.contents;
	if (styled.has(file.path)) {
		const stem = path.basename(file.path).split(".bundle.")[0];
		const css = all_files.find(
			(other) => other.path.endsWith(".css") && path.basename(other.path).startsWith(`${stem}.bundle.`)
		);
		if (css) contents = `frappe.dom.set_style(${JSON.stringify(css.text)});\n${file.text}`;
	}
	fs.mkdirSync(path.dirname(file.path), { recursive: true });
	fs.writeFileSync(file.path, contents);
}

function options(entryPoints, plugins) {
	const sources = installed.map((app) => path.join(apps_folder, app));
	const modules = sources.map((folder) => path.join(folder, "node_modules")).filter(fs.existsSync);
	return {
		entryPoints,
		plugins,
		outdir: assets,
		entryNames: "[dir]/[name].[hash]",
		target: ["es2017"],
		bundle: true,
		metafile: true,
		minify: true,
		logLevel: "warning",
		// Frappe's modules also serve apps that have none of their own.
		nodePaths: [...new Set([...modules, path.join(frappe, "node_modules"), ...sources])],
		define: {
			"process.env.NODE_ENV": '"production"',
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
		},
	};
}

function style_options(entryPoints, plugins) {
	const sassOptions = {
		includePaths: [path.join(frappe, "node_modules"), ...installed.map((app) => path.join(apps_folder, app))],
		quietDeps: true,
		importer: (url) => ({ file: url.replace(/^~/, "").replace(/\.css$/, "") }),
	};
	return options(entryPoints, [served_files, postcss({ plugins: [...plugins, autoprefixer], sassOptions })]);
}

async function find_entries() {
	const entries = { js: {}, css: {}, rtl: {} };
	for (const app of wanted) {
		const cwd = path.join(apps_folder, app, app, "public");
		const ignore = ["dist/**", "node_modules/**"];
		for (const file of await glob("**/*.bundle.{js,ts,css,scss}", { cwd, ignore, absolute: true })) {
			const extension = path.extname(file);
			const name = path.basename(file, extension);
			if (/css$/.test(extension)) {
				entries.css[`${app}/dist/css/${name}`] = file;
				entries.rtl[`${app}/dist/css-rtl/${name}`] = file;
			} else {
				entries.js[`${app}/dist/js/${name}`] = file;
			}
		}
	}
	return entries;
}

function write_list(name, found) {
	const file = path.join(assets, name);
	const known = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : {};
	const kept = Object.entries(known).filter(([, url]) => !wanted.includes(url.split("/")[2]));
	fs.writeFileSync(file, JSON.stringify({ ...Object.fromEntries(kept), ...found }, null, 4));
}

async function main() {
	const entries = await find_entries();
	const builds = [
		[entries.js, () => options(entries.js, [vue(), html_templates, vue_styles])],
		[entries.css, () => style_options(entries.css, [])],
		[entries.rtl, () => style_options(entries.rtl, [rtlcss])],
	];
	const results = await Promise.all(
		builds.filter(([found]) => Object.keys(found).length).map(([, make]) => esbuild.build(make()))
	);
	const plain = {};
	const rtl = {};
	for (const result of results) {
		for (const [file, output] of Object.entries(result.metafile.outputs)) {
			if (!output.entryPoint) continue;
			const url = "/" + path.relative(sites, path.resolve(file));
			const is_style = url.endsWith(".css");
			const name = path.basename(output.entryPoint).replace(/\.scss$/, is_style ? ".css" : ".scss");
			if (url.includes("/css-rtl/")) rtl[`rtl_${name}`] = url;
			else plain[name] = url;
		}
	}
	write_list("assets.json", plain);
	write_list("assets-rtl.json", rtl);
	console.log(`${Object.keys(plain).length} bundles of ${wanted.join(", ")}`);
}

main().catch((error) => {
	console.error(error.message);
	process.exit(1);
});
