using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>curl</c>: sends the request of a command line that was written for curl.</summary>
internal static class CurlCommand
{
    private static readonly OptionGroup[] Groups =
    [
        new("Answer", [HttpOptions.Fail, HttpOptions.MaxSize, HttpOptions.OutputFile, HttpOptions.Har, HttpOptions.HarBodies, HttpOptions.Replay]), ConnectionOptions.Time, ConnectionOptions.Way,
        ConnectionOptions.Permission, ConnectionOptions.Tls, GeneralOptions.Group,
    ];

    public static Command Make() => new("curl", "LINE|-", "send the request of a command line of curl", Groups, RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 1,
        Details =
        [
            "LINE is one argument, quoted; with - it is read from standard input, as copied from a browser (\"Copy as cURL\") or a manual. It is not run: what in " +
            "it makes the request is taken over, what curl would do with the answer is left out with a word about it, and anything else is refused by name.",
        ],
        Examples = ["curl \"curl -d a=1 https://api.example.com/items\"", "curl - --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var notes = new List<string>();
        Request request;
        try
        {
            request = Request.FromCurl(await LineAsync(run), allowFiles: true, notes);
        }
        catch (FormatException error)
        {
            throw new UsageException(PropertyNames.Replace(error.Message), "LINE", error);
        }
        if (!run.IsQuiet && !run.IsJson)
        {
            foreach (var note in notes)
                run.Error.Line("codonet: " + note).Flush();
        }
        return await HttpCommand.SendAsync(run, request, ClientSettings.Read(run, request.Method), session: null);
    }

    private static async Task<string> LineAsync(Invocation run)
    {
        if (run.Arguments.Positionals[0] != "-")
            return run.Arguments.Positionals[0];
        using var reader = new StreamReader(run.Context.OpenInput(), Encoding.UTF8);
        return await reader.ReadToEndAsync(run.Context.Interrupted);
    }
}
