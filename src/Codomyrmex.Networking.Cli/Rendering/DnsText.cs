using System.Globalization;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows the answers of name servers.</summary>
internal static class DnsText
{
    public static void Write(TextOutput output, IReadOnlyList<DnsAnswer> answers, bool isQuiet)
    {
        var table = new Table();
        foreach (var record in Records(answers))
        {
            table.Row((record.Name, Style.Plain), (((long)record.TimeToLive.TotalSeconds).ToString(CultureInfo.InvariantCulture), Style.Dim),
                (TypeName(record.Type), Style.Cyan), (record.Data, Style.Plain));
        }
        table.WriteTo(output);
        if (!isQuiet)
        {
            var answer = answers[0];
            output.Line($"{answer.Server} over {(answer.OverTcp ? "TCP" : "UDP")} in {Milliseconds.Text(answers.Max(one => one.Elapsed))}" +
                (answer.IsAuthoritative ? ", authoritative" : ""), Style.Dim);
        }
        output.Flush();
    }

    /// <summary>The records of all answers; an alias that leads to both addresses is shown once.</summary>
    public static IEnumerable<DnsRecord> Records(IReadOnlyList<DnsAnswer> answers) =>
        answers.SelectMany(answer => answer.Records).DistinctBy(record => (record.Name, record.Type, record.Data));

    public static string TypeName(DnsRecordType type) => Enum.IsDefined(type) ? type.ToString() : $"TYPE{(int)type}";
}
