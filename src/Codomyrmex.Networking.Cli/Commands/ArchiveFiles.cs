using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The HTTP Archives of a run: one that is written, one that answers in the network's place.</summary>
internal sealed class ArchiveFiles : IDisposable
{
    private readonly HarRecorder? _recorder;
    private readonly string? _path;
    private readonly Cassette? _answers;

    private ArchiveFiles(HarRecorder? recorder, string? path, Cassette? answers) => (_recorder, _path, _answers) = (recorder, path, answers);

    public static ArchiveFiles Open(Invocation run)
    {
        var path = run.Arguments.Text(HttpOptions.Har);
        var bodies = run.Arguments.Value(HttpOptions.HarBodies, NumberText.Size);
        if (bodies is not null && path is null)
            throw new UsageException("--har-bodies needs the archive they go into: --har FILE.", HttpOptions.HarBodies.Name);
        if (path is not null)
            OutputFile.Demand(path, HttpOptions.Har.Name);
        var recorder = path is null ? null : ParsedArguments.Checked(HttpOptions.HarBodies, "", _ => new HarRecorder(new HarOptions { BodyBytes = (int)Math.Min(bodies ?? 0, int.MaxValue) }));
        return new ArchiveFiles(recorder, path, run.Arguments.Read(HttpOptions.Replay, static file => Cassette.ReplayHar(file)));
    }

    public HTTPClientOptions Apply(HTTPClientOptions settings) => settings with { Har = _recorder, MessageHandler = _answers };

    /// <summary>Writes what was recorded, also of a run that was interrupted.</summary>
    public async Task SaveAsync()
    {
        if (_recorder is null)
            return;
        try
        {
            await _recorder.SaveAsync(_path!, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{HttpOptions.Har.Name}: '{_path}' cannot be written: {error.Message}", HttpOptions.Har.Name, error);
        }
    }

    public void Dispose() => _answers?.Dispose();
}
