using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Pages;

/// <summary>Opens pages in a real Chromium without a window; tests that need it are skipped where there is none.</summary>
internal static partial class Browser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    /// <summary>What a page looks like to the browser.</summary>
    /// <param name="WindowWidth">Width of the frame in pixels.</param>
    /// <param name="PageWidth">Width that the page takes.</param>
    /// <param name="PageHeight">Height that the page takes.</param>
    /// <param name="Overlaps">Texts that lie over each other.</param>
    /// <param name="Texts">Number of texts.</param>
    /// <param name="Faint">Texts with a contrast below 4.5 to 1 against what is behind them.</param>
    public sealed record Layout(int WindowWidth, int PageWidth, int PageHeight, string[] Overlaps, int Texts, string[] Faint);

    /// <summary>
    /// Measures in the page, before its load ends and so before the browser prints the frame around it: rectangles of all texts
    /// that are not scrolled out of view, each against each, and the contrast of their colour.
    /// </summary>
    private const string Measure = """
        <script>
        addEventListener('load', () => {
          const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node; node = walker.nextNode();) {
            const element = node.parentElement;
            if (!node.data.trim() || ['SCRIPT', 'STYLE', 'TITLE'].includes(element.nodeName) || element.closest('svg') || element.closest('details:not([open])') && element.nodeName != 'SUMMARY') continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            let box = range.getBoundingClientRect();
            for (let e = element; e; e = e.parentElement) {
              if (!['hidden', 'auto', 'scroll'].includes(getComputedStyle(e).overflowX)) continue;
              const clip = e.getBoundingClientRect();
              box = { left: Math.max(box.left, clip.left), right: Math.min(box.right, clip.right), top: box.top, bottom: box.bottom };
            }
            if (box.right - box.left > 1 && box.bottom - box.top > 1) texts.push({ box, element, text: node.data.trim() });
          }
          const overlaps = [];
          for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
            const a = texts[i].box, b = texts[j].box;
            if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
              overlaps.push(texts[i].text + ' / ' + texts[j].text);
          }
          const shine = c => { const v = c.map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4); return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
          const parse = c => c.match(/[\d.]+/g).map(Number);
          const faint = texts.filter(t => {
            let back = [244, 246, 249];
            for (let e = t.element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .99) { back = c.slice(0, 3); break; } }
            const a = shine(parse(getComputedStyle(t.element).color).slice(0, 3)), b = shine(back);
            return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
          }).map(t => t.text);
          const out = parent.document.createElement('pre');
          out.id = 'measured';
          out.textContent = [innerWidth, document.documentElement.scrollWidth, document.documentElement.scrollHeight, texts.length, overlaps.join('|'), faint.join('|')].join('\u0001');
          parent.document.body.append(out);
        });
        </script>
        """;

    /// <summary>A browser's window cannot be as narrow as a telephone, a frame in it can.</summary>
    private const string Frame = """
        <!doctype html><body style=margin:0>
        <iframe src=page.html style="border:0;height:1000px;width:WIDTHpx"></iframe>
        """;

    /// <summary>Lays a page out in a frame of this width.</summary>
    public static Layout Open(byte[] page, int width)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("page.html");
        File.WriteAllText(file, System.Text.Encoding.UTF8.GetString(page) + Measure);
        File.WriteAllText(folder.File("frame.html"), Frame.Replace("WIDTH", width.ToString(CultureInfo.InvariantCulture)));
        string dom = Run(folder, "--window-size=1400,1000", "--allow-file-access-from-files", "--dump-dom", "file://" + folder.File("frame.html"));
        string[] measured = System.Net.WebUtility.HtmlDecode(Measured().Match(dom).Groups[1].Value).Split('\u0001');
        Assert.True(measured.Length == 6, $"Chromium's page has no measurements: {dom}");
        int Number(int i) => int.Parse(measured[i], CultureInfo.InvariantCulture);
        string[] List(int i) => measured[i].Split('|', StringSplitOptions.RemoveEmptyEntries);
        return new Layout(Number(0), Number(1), Number(2), List(4), Number(3), List(5));
    }

    /// <summary>A picture of the page as PNG.</summary>
    public static byte[] Picture(byte[] page, int width, int height)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("page.html"), picture = folder.File("page.png");
        File.WriteAllBytes(file, page);
        Run(folder, $"--window-size={width},{height}", $"--screenshot={picture}", "file://" + file);
        return File.ReadAllBytes(picture);
    }

    private static string Run(TemporaryFolder folder, params string[] arguments)
    {
        string? browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(f => s_names.Select(n => Path.Combine(f, OperatingSystem.IsWindows() ? n + ".exe" : n))).FirstOrDefault(File.Exists);
        if (browser is null) Assert.Skip($"There is no Chromium on the path ({string.Join(", ", s_names)}), so the page was not opened.");
        var start = new ProcessStartInfo(browser) { RedirectStandardOutput = true, RedirectStandardError = true };
        // No sandbox: containers have none to offer, and the page is the test's own.
        string[] common = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", $"--user-data-dir={folder.File("profile")}"];
        foreach (string argument in common.Concat(arguments)) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(120_000), "Chromium hangs.");
        error.GetAwaiter().GetResult();
        return output.GetAwaiter().GetResult();
    }

    [GeneratedRegex("<pre id=\"measured\">(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Measured();
}
