namespace TransformFramework.Host.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Plugin = 3;
    public const int ModelUnreadable = 4;
    public const int Internal = 70;
    public const int Cancelled = 130;
}
