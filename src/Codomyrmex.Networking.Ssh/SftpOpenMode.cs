namespace Codomyrmex.Networking.Ssh;

/// <summary>What a remote file is opened for (draft-ietf-secsh-filexfer-02, section 6.3).</summary>
[Flags]
public enum SftpOpenMode
{
    /// <summary>To be read.</summary>
    Read = 1,

    /// <summary>To be written.</summary>
    Write = 2,

    /// <summary>Writes go to its end, whatever their offset.</summary>
    Append = 4,

    /// <summary>It is made where it does not exist.</summary>
    Create = 8,

    /// <summary>What is in it is thrown away.</summary>
    Truncate = 16,

    /// <summary>It must not exist yet; with <see cref="Create"/>.</summary>
    New = 32,
}
