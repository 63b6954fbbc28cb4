namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Numbers of the SFTP protocol, version 3 (draft-ietf-secsh-filexfer-02, sections 3 and 7), and names of OpenSSH's extensions (its PROTOCOL file, section 4).</summary>
internal static class SftpNumbers
{
    public const byte Init = 1;
    public const byte Version = 2;
    public const byte Open = 3;
    public const byte Close = 4;
    public const byte Read = 5;
    public const byte Write = 6;
    public const byte LStat = 7;
    public const byte FStat = 8;
    public const byte SetStat = 9;
    public const byte FSetStat = 10;
    public const byte OpenDirectory = 11;
    public const byte ReadDirectory = 12;
    public const byte Remove = 13;
    public const byte MakeDirectory = 14;
    public const byte RemoveDirectory = 15;
    public const byte RealPath = 16;
    public const byte Stat = 17;
    public const byte Rename = 18;
    public const byte ReadLink = 19;
    public const byte SymbolicLink = 20;
    public const byte Status = 101;
    public const byte Handle = 102;
    public const byte Data = 103;
    public const byte Name = 104;
    public const byte Attributes = 105;
    public const byte Extended = 200;
    public const byte ExtendedReply = 201;

    public const uint Ok = 0;
    public const uint EndOfFile = 1;
    public const uint NoSuchFile = 2;
    public const uint PermissionDenied = 3;
    public const uint Failure = 4;
    public const uint BadMessage = 5;
    public const uint ConnectionLost = 7;
    public const uint Unsupported = 8;

    public const string PosixRename = "posix-rename@openssh.com";
    public const string FSync = "fsync@openssh.com";
    public const string StatVfs = "statvfs@openssh.com";
    public const string HardLink = "hardlink@openssh.com";
    public const string Limits = "limits@openssh.com";
    public const string LSetStat = "lsetstat@openssh.com";
    public const string ExpandPath = "expand-path@openssh.com";
    public const string CopyData = "copy-data";
}
