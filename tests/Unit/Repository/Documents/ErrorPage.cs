using System.Text;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Documents;

/// <summary>Makes <c>docs/errors.md</c> from the catalogue of error codes.</summary>
internal static class ErrorPage
{
    private const string Head = """
        # Errors

        <!-- Made from ErrorCodes.All by ./dev docs. -->

        Every failure is a `NetworkException` with a stable `Code`. Codes are added, never renamed. *Transient* means that the same call
        may well succeed later; whether repeating it is safe depends on `WasSent` too. *Exit* is the exit code of the command line.

        | code | exception | exit | transient | what happened | what to try |
        |---|---|---|---|---|---|

        """;

    public static string Render()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var info in ErrorCodes.All)
        {
            var exit = ExitCodeTable.Codes[info.ExceptionType];
            var transient = info.IsTransient ? "yes" : "no";
            page.Append(null, $"| `{info.Code}` | `{info.ExceptionType.Name}` | {exit} | {transient} | {Cell(info.Summary)} | {Cell(info.Hint)} |\n");
        }
        return page.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
