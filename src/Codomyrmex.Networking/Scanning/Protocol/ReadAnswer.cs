namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>Reads the answer to a question, or what of it has arrived; null where it is not the answer of that protocol, or not enough of it.</summary>
internal delegate ServiceFacts? ReadAnswer(ReadOnlySpan<byte> answer);
