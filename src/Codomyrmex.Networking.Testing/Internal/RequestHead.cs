using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A copy of a request's head that becomes strings only where somebody asks.</summary>
internal sealed class RequestHead
{
    private readonly byte[] _bytes;
    private readonly FieldSlice[] _fields;
    private readonly int _start, _methodLength, _target, _targetLength, _pathLength;
    private string? _method, _requestTarget, _path;
    private LoopbackFields? _headers, _query;

    public RequestHead(HeadParser parser, ReadOnlySpan<byte> data)
    {
        _bytes = data[..parser.Length].ToArray();
        _fields = parser.Fields.ToArray();
        (_start, _methodLength) = (parser.Start, parser.MethodLength);
        (_target, _targetLength, _pathLength) = (parser.Target, parser.TargetLength, parser.PathLength);
    }

    public string Method => _method ??= Text(_start, _methodLength);

    public string Target => _requestTarget ??= Text(_target, _targetLength);

    public string Path => _path ??= MakePath();

    public LoopbackFields Headers => _headers ??= new LoopbackFields(
        [.. _fields.Select(at => KeyValuePair.Create(Text(at.Name, at.NameLength), Text(at.Value, at.ValueLength)))],
        StringComparison.OrdinalIgnoreCase);

    public LoopbackFields Query => _query ??= new LoopbackFields(
        FormText.Parse(_pathLength == _targetLength ? string.Empty : Text(_target + _pathLength + 1, _targetLength - _pathLength - 1)),
        StringComparison.Ordinal);

    private string Text(int start, int length) => Encoding.Latin1.GetString(_bytes, start, length);

    private string MakePath()
    {
        var path = Text(_target, _pathLength);
        if (path.StartsWith('/') || !path.Contains("://", StringComparison.Ordinal))
            return path;
        var slash = path.IndexOf('/', path.IndexOf("://", StringComparison.Ordinal) + 3);
        return slash < 0 ? "/" : path[slash..];
    }
}
