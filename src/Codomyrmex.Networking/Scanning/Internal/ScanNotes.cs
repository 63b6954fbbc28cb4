using Codomyrmex.Networking.Diagnostics.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a scan wants to say, the first thousand of it; what is kept is logged too. Safe to share between threads.</summary>
internal sealed class ScanNotes(ILogger? logger)
{
    private const int Kept = 1000;

    private readonly List<ScanNote> _notes = [];

    public void Add(ScanNoteKind kind, string? host, string text)
    {
        lock (_notes)
        {
            if (_notes.Count >= Kept)
                return;
            _notes.Add(new ScanNote(kind, host, text));
        }
        if (logger is not null)
            NetworkLog.ScanNoted(logger, kind.ToString(), host, text);
    }

    public ScanNote[] ToArray()
    {
        lock (_notes)
            return [.. _notes];
    }
}
