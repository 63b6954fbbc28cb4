namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a scan wants to say, the first thousand of it. Safe to share between threads.</summary>
internal sealed class ScanNotes
{
    private const int Kept = 1000;

    private readonly List<ScanNote> _notes = [];

    public void Add(ScanNoteKind kind, string? host, string text)
    {
        lock (_notes)
        {
            if (_notes.Count < Kept)
                _notes.Add(new ScanNote(kind, host, text));
        }
    }

    public ScanNote[] ToArray()
    {
        lock (_notes)
            return [.. _notes];
    }
}
