using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Cli;

namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>One run of the command line within this process.</summary>
internal sealed class CliRun
{
    private readonly MemoryStream _out = new();
    private readonly MemoryStream _error = new();

    public Dictionary<string, string> Environment { get; } = [];

    public byte[] Input { get; init; } = [];

    public bool IsTerminal { get; init; }

    public string? Secret { get; init; }

    public CancellationToken Interrupted { get; init; } = TestContext.Current.CancellationToken;

    public Stream? OutStream { get; init; }

    public Stream? ErrorStream { get; init; }

    public int ExitCode { get; private set; } = -1;

    public byte[] OutBytes => _out.ToArray();

    public string Out => Encoding.UTF8.GetString(_out.ToArray());

    public string Error => Encoding.UTF8.GetString(_error.ToArray());

    /// <summary>The one JSON document on standard output.</summary>
    public JsonElement Document
    {
        get
        {
            Assert.EndsWith("\n", Out);
            Assert.Equal(1, Out.Count(c => c == '\n'));
            return JsonElement.Parse(Out);
        }
    }

    /// <summary>Its <c>error</c> member.</summary>
    public JsonElement Failure => Document.GetProperty("error");

    public static Task<CliRun> RunAsync(params string[] arguments) => new CliRun().StartAsync(arguments);

    public async Task<CliRun> StartAsync(params string[] arguments)
    {
        ExitCode = await Application.RunAsync(arguments, new CommandContext
        {
            Out = OutStream ?? _out,
            Error = ErrorStream ?? _error,
            OpenInput = () => new MemoryStream(Input),
            IsOutTerminal = IsTerminal,
            IsErrorTerminal = IsTerminal,
            Environment = name => Environment.GetValueOrDefault(name),
            AskSecret = _ => Secret,
            Interrupted = Interrupted,
        });
        return this;
    }

    /// <summary>What standard output held up to now: for a run that goes on.</summary>
    public string OutSoFar => Encoding.UTF8.GetString(_out.ToArray());
}
