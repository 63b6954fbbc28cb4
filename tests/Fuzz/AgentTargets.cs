using System.Text;
using Codomyrmex.Networking.Cli.Mcp;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What reads pages for models, and makes their text harmless.</summary>
internal static class AgentTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("page-text", Page) { Words = ["<div hidden>", "<script>", "</script>", "<!--", "-->", "<a href=\"x\">", "</a>", "<h1>", "<pre>", "&lt;", "&#x202e;", "style=\"display:none\"", "<title>", "<head>", "</head>", "<body>", "'", "\"", ">"], Iterations = 10_000 },
        new("untrusted-text", Clean) { Words = ["\u202e", "\u200b", "\u001b[2J", "\U000E0041", "\ufeff", "\u0085", "\n"] },
    ];

    private static void Page(byte[] input)
    {
        var html = Encoding.UTF8.GetString(input);
        var (title, text) = PageText.Of(html, new Uri("https://example.com/"), withLinks: true);
        Promise.Keep(title.Length + text.Length <= 64 + (html.Length * 60), "a page's text is in proportion to the page");
        foreach (var hidden in (string[])["<div hidden>canary</div>", "<script>canary</script>", "<!--canary-->", "<p style='display: none'>canary</p>"])
            Promise.Keep(html.Contains("canary", StringComparison.Ordinal) || !PageText.Of(hidden + html).Text.Contains("canary", StringComparison.Ordinal), "what is hidden is not shown");
    }

    private static void Clean(byte[] input)
    {
        var removed = 0L;
        var text = UntrustedText.Clean(Encoding.UTF8.GetString(input), ref removed);
        Promise.Keep(!text.Any(static c => (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202a' and <= '\u202e') or '\u200b' or '\ufeff'), "nothing hidden is left");
        var again = 0L;
        Promise.Keep(UntrustedText.Clean(text, ref again) == text && again == 0, "what is clean stays as it is");
    }
}
