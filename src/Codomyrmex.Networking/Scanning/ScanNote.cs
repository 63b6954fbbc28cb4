namespace Codomyrmex.Networking.Scanning;

/// <summary>Something that a reader of a scan's result should know.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Host">The host that it is about; null for the scan as a whole.</param>
/// <param name="Text">A sentence.</param>
public sealed record ScanNote(ScanNoteKind Kind, string? Host, string Text)
{
    /// <summary>The sentence, after the host where it is about one.</summary>
    public override string ToString() => Host is null ? Text : $"{Host}: {Text}";
}
