using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Where a remote file shall appear, and the names of what lies beside it until then. The local ones are like them (<see cref="TargetFile"/>).</summary>
internal sealed class RemoteTarget(string path)
{
    private const int LongestStem = 200;

    private readonly string _folder = RemotePath.Parent(path) ?? "";
    private readonly string _stem = Encoding.UTF8.GetByteCount(RemotePath.Name(path)) <= LongestStem
        ? RemotePath.Name(path) : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RemotePath.Name(path))));

    public string Path => path;

    public string Folder => _folder.Length == 0 ? "." : _folder;

    public string JournalPath => Beside($".{_stem}{TargetFile.JournalSuffix}");

    public string Beside(string name) => _folder.Length == 0 ? name : RemotePath.Join(_folder, name);

    public string FreshTemporary() => string.Create(CultureInfo.InvariantCulture, $".{_stem}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}{TargetFile.PartSuffix}");

    /// <summary>Whether a name is one that <see cref="FreshTemporary"/> makes.</summary>
    public bool IsTemporary(string name) => name.StartsWith($".{_stem}.", StringComparison.Ordinal) && name.EndsWith(TargetFile.PartSuffix, StringComparison.Ordinal)
        && name.Length == _stem.Length + 18 + TargetFile.PartSuffix.Length && name.AsSpan(_stem.Length + 2, 16).IndexOfAnyExcept("0123456789abcdef") < 0;
}
