namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Where one header field stands, counted from the start of the request.</summary>
internal readonly record struct FieldSlice(int Name, int NameLength, int Value, int ValueLength);
