namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>The codes for people.</summary>
    public const string Description = "Exit codes: 0 done; 1 a transform or comparison failed; 2 usage or script; 3 plugin; 4 model unreadable; 70 internal error; 75 shards are missing that may still come; 130 cancelled.";

    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Plugin = 3;
    public const int ModelUnreadable = 4;
    public const int Internal = 70;
    public const int NotYet = 75;
    public const int Cancelled = 130;
}
