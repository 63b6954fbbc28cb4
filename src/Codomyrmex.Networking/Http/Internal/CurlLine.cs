using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads a command line of curl as the request that curl would send.</summary>
internal sealed class CurlLine(bool allowFiles, ICollection<string>? notes)
{
    private readonly HeaderMap _headers = new();
    private readonly List<MultipartPart> _parts = [];
    private readonly List<string> _cookies = [];
    private MemoryStream? _data;
    private string? _method, _url, _user, _bearer;
    private bool _isGet, _isHead, _isJson, _follows;
    private int? _redirects;
    private RequestBody? _upload;
    private Timeouts? _timeouts;
    private HttpVersionChoice? _version;

    public Request Read(string line)
    {
        var words = ShellWords.Split(line);
        if (words.Count == 0 || !(words[0] == "curl" || words[0].EndsWith("/curl", StringComparison.Ordinal) || words[0] == "curl.exe"))
            throw new FormatException("This is no command line of curl: it does not begin with curl.");
        foreach (var (option, name, value) in CurlOptions.Read(words))
            Take(option, name, value);
        return Make();
    }

    private void Take(CurlOption option, string name, string value)
    {
        switch (option)
        {
            case CurlOption.Url:
                _url = _url is null ? value : throw new FormatException("The command line has more than one URL; a request has one.");
                break;
            case CurlOption.Method: _method = value; break;
            case CurlOption.Header: Header(value); break;
            case CurlOption.Agent: Field("User-Agent", value); break;
            case CurlOption.Referer: Field("Referer", value.Split(';')[0]); break;
            case CurlOption.Cookie:
                _cookies.Add(value.Contains('=', StringComparison.Ordinal) ? value : throw new FormatException($"curl's {name} names a file of cookies; load it yourself (CookieJar)."));
                break;
            case CurlOption.User: _user = value; break;
            case CurlOption.Bearer: _bearer = value; break;
            case CurlOption.Data when value.StartsWith('@'):
                Data(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(File(name, value[1..])).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)), "&");
                break;
            case CurlOption.DataBinary when value.StartsWith('@'): Data(File(name, value[1..]), "&"); break;
            case CurlOption.Data or CurlOption.DataBinary or CurlOption.DataRaw: Data(Encoding.UTF8.GetBytes(value), "&"); break;
            case CurlOption.DataUrlEncode: Data(Encoding.UTF8.GetBytes(UrlEncoded(name, value)), "&"); break;
            case CurlOption.Json:
                _isJson = true;
                Data(value.StartsWith('@') ? File(name, value[1..]) : Encoding.UTF8.GetBytes(value), "");
                break;
            case CurlOption.Form: _parts.Add(Part(name, value)); break;
            case CurlOption.FormString: _parts.Add(MultipartPart.Field(Before('=', name, value), value[(value.IndexOf('=', StringComparison.Ordinal) + 1)..])); break;
            case CurlOption.Upload: _upload = RequestBody.Bytes(File(name, value), null); break;
            case CurlOption.Get: _isGet = true; break;
            case CurlOption.Head: _isHead = true; break;
            case CurlOption.Location: _follows = true; break;
            case CurlOption.MaxRedirects: _redirects = (int)Number(name, value, 0, 100); break;
            case CurlOption.MaxTime: _timeouts = (_timeouts ?? Timeouts.Default) with { Total = TimeSpan.FromSeconds(Number(name, value, 0.001, 1e6)) }; break;
            case CurlOption.ConnectTimeout: _timeouts = (_timeouts ?? Timeouts.Default) with { Connect = TimeSpan.FromSeconds(Number(name, value, 0.001, 1e6)) }; break;
            case CurlOption.Http11: _version = HttpVersionChoice.Http11; break;
            case CurlOption.Http2: _version = name == "--http2" ? HttpVersionChoice.Negotiate : HttpVersionChoice.Http2; break;
            case CurlOption.Compressed: break;
            case CurlOption.Insecure:
                throw new FormatException($"curl's {name} accepts whoever answers for the server. Leave it out, or accept whoever answers yourself (TlsOptions.InsecureAcceptAnyCertificate, --insecure).");
            default: notes?.Add($"{name} says what curl does with the answer, and was left out."); break;
        }
    }

    private Request Make()
    {
        var url = _url ?? throw new FormatException("The command line has no URL.");
        if (!url.Contains("://", StringComparison.Ordinal))
            url = "http://" + url;
        if (_parts.Count > 0 && (_data is not null || _upload is not null))
            throw new FormatException("The command line has a form and another body; a request has one.");
        if (_cookies.Count > 0)
            _headers.Add("Cookie", string.Join("; ", _cookies));
        var body = Body(ref url);
        var options = new RequestOptions
        {
            Headers = _headers.Count == 0 ? null : _headers,
            Credential = Credentials(url),
            Redirects = _follows ? RedirectOptions.Default with { Limit = _redirects ?? RedirectOptions.Default.Limit } : RedirectOptions.None,
            Timeouts = _timeouts,
            Version = _version,
        };
        var method = _method ?? (_isHead ? "HEAD" : _upload is not null ? "PUT" : body is not null ? "POST" : "GET");
        FieldRules.CheckMethod(method);
        return new Request(method, url) { Body = body, Options = options };
    }

    private RequestBody? Body(ref string url)
    {
        if (_parts.Count > 0)
            return RequestBody.Multipart(_parts);
        if (_data is null || _isGet || _isHead)
        {
            if (_data is { Length: > 0 })
                url = WithQuery(url, Encoding.UTF8.GetString(_data.ToArray()));
            return _upload;
        }
        if (_isJson && !_headers.Contains("Accept"))
            _headers.Add("Accept", "application/json");
        return RequestBody.Bytes(_data.ToArray(), _isJson ? "application/json" : "application/x-www-form-urlencoded");
    }

    private static string WithQuery(string url, string query)
    {
        var hash = url.IndexOf('#', StringComparison.Ordinal);
        var bare = hash < 0 ? url : url[..hash];
        return $"{bare}{(bare.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}{(hash < 0 ? "" : url[hash..])}";
    }

    private Credential? Credentials(string url)
    {
        if (_bearer is not null)
            return Credential.Bearer(_bearer, url);
        if (_user is null)
            return null;
        var colon = _user.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? throw new FormatException("curl's --user has no password, which curl would ask for.")
            : Credential.Basic(_user[..colon], _user[(colon + 1)..], url);
    }

    private void Header(string value)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && value.EndsWith(';'))
            Field(value[..^1].Trim(), "", keepEmpty: true);
        else if (colon <= 0)
            throw new FormatException(value.StartsWith('@') ? "curl's --header names a file; write the fields out." : "curl's --header has no name and colon.");
        else
            Field(value[..colon].Trim(), value[(colon + 1)..].Trim());
    }

    private void Field(string name, string value, bool keepEmpty = false)
    {
        if (value.Length == 0 && !keepEmpty)
            notes?.Add($"{Printable.Text(name, 60)} without a value takes a default of curl's away, and was left out.");
        else if (FieldRules.IsFraming(name) || name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase))
            notes?.Add($"{name} is for the client to set, and was left out.");
        else
            _headers.Add(name, value);
    }

    private void Data(byte[] bytes, string separator)
    {
        if (_data is null)
            _data = new MemoryStream();
        else
            _data.Write(Encoding.UTF8.GetBytes(separator));
        _data.Write(bytes);
    }

    // content, =content, name=content, @file, name@file: what comes after the sign is encoded.
    private string UrlEncoded(string option, string value)
    {
        var sign = value.AsSpan().IndexOfAny('=', '@');
        if (sign < 0)
            return Uri.EscapeDataString(value);
        var content = value[sign] == '@' ? Encoding.UTF8.GetString(File(option, value[(sign + 1)..])) : value[(sign + 1)..];
        return sign == 0 ? Uri.EscapeDataString(content) : $"{value[..sign]}={Uri.EscapeDataString(content)}";
    }

    private MultipartPart Part(string option, string value)
    {
        var name = Before('=', option, value);
        var segments = value[(name.Length + 1)..].Split(';');
        var content = segments[0];
        string? type = null, fileName = null;
        foreach (var segment in segments.AsSpan(1))
        {
            var trimmed = segment.Trim();
            if (trimmed.StartsWith("type=", StringComparison.Ordinal))
                type = trimmed[5..];
            else if (trimmed.StartsWith("filename=", StringComparison.Ordinal))
                fileName = trimmed[9..].Trim('"');
            else if (content.StartsWith('@') || content.StartsWith('<'))
                throw new FormatException($"curl's {option} has an attribute that is not understood here; there are type and filename.");
            else
                content += ";" + segment;
        }
        if (content.StartsWith('@'))
            return new MultipartPart(name, RequestBody.Bytes(File(option, content[1..]), type ?? "application/octet-stream"), fileName ?? Path.GetFileName(content[1..]));
        return new MultipartPart(name, RequestBody.Bytes(content.StartsWith('<') ? File(option, content[1..]) : Encoding.UTF8.GetBytes(content), type), fileName);
    }

    private static string Before(char sign, string option, string value)
    {
        var at = value.IndexOf(sign, StringComparison.Ordinal);
        return at > 0 ? value[..at] : throw new FormatException($"curl's {option} is no name{sign}value.");
    }

    // A line that somebody else wrote could ask for any file of this machine, and send it to himself.
    private byte[] File(string option, string path)
    {
        if (!allowFiles)
            throw new FormatException($"curl's {option} reads a file, which a command line may do only where it is trusted (allowFiles).");
        if (path == "-")
            throw new FormatException($"curl's {option} reads standard input; set the body of the request yourself.");
        try
        {
            return System.IO.File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"curl's {option}: {error.Message}", error);
        }
    }

    private static double Number(string option, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"curl's {option} has no number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}.");
}
