using System.Text.Json;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// Tells the caller how far a call is, where it asked to know (<c>progressToken</c>): in order, ever more, ten times a second at most, and nothing after the end.
/// </summary>
internal sealed class ProgressNotes(RpcCall call, JsonElement token, TimeProvider clock, CancellationToken cancelled) : IProgress<TransferProgress>
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task _sending = Task.CompletedTask;
    private double _told = -1;
    private long _toldAt;
    private bool _isOver;

    public void Report(TransferProgress value) => Report(value.Bytes, value.Total, null);

    /// <summary>So much is done.</summary>
    public void Report(double done, double? total, string? message)
    {
        if (token.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            return;
        lock (_lock)
        {
            if (_isOver || done <= _told || (_told >= 0 && clock.GetElapsedTime(_toldAt) < Least && done != total))
                return;
            (_told, _toldAt) = (done, clock.GetTimestamp());
            var note = Json.Element(writer =>
            {
                writer.WritePropertyName("progressToken");
                token.WriteTo(writer);
                writer.WriteNumber("progress", done);
                if (total is { } all)
                    writer.WriteNumber("total", all);
                if (message is not null)
                    writer.WriteString("message", message);
            });
            _sending = SendAsync(_sending, note);
        }
    }

    /// <summary>Done when all notes have left; later ones are dropped.</summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            _isOver = true;
            return _sending;
        }
    }

    private async Task SendAsync(Task before, JsonElement note)
    {
        await before;
        try
        {
            await call.NotifyAsync("notifications/progress", note, DocumentJson.Default.JsonElement, cancelled);
        }
        catch (Exception error) when (error is NetworkException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // Who does not listen any more has no use for it.
        }
    }
}
