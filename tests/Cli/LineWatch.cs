namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>Output of a run that goes on, watched for its lines.</summary>
internal sealed class LineWatch : MemoryStream
{
    private readonly SemaphoreSlim _lines = new(0);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        base.Write(buffer);
        var count = buffer.Count((byte)'\n');
        if (count > 0)
            _lines.Release(count);
    }

    /// <summary>Waits for so many more lines.</summary>
    public async Task LinesAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
            await _lines.WaitAsync(cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _lines.Dispose();
        base.Dispose(disposing);
    }
}
