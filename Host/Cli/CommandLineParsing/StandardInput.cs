namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Standard input, which whoever started the program may have closed.</summary>
internal static class StandardInput
{
    /// <summary>The path of standard input.</summary>
    public const string Path = "/dev/stdin";

    /// <summary>What this process opens itself is marked to be closed when it becomes another program (O_CLOEXEC, octal); what it was started with is not.</summary>
    private const long OpenedByThisProcess = 0x80000;

    /// <summary>Opens it.</summary>
    /// <exception cref="CommandException">It is closed.</exception>
    public static Stream Open()
    {
        Check();
        return Console.OpenStandardInput();
    }

    /// <summary>Throws when it is closed: what is open in its place then is a file of the runtime, from which nothing ever comes.</summary>
    /// <exception cref="CommandException">It is closed.</exception>
    public static void Check()
    {
        if (OperatingSystem.IsLinux() && (FlagsOf("/proc/self/fdinfo/0") & OpenedByThisProcess) != 0)
            throw CommandException.Usage("standard input is closed", "Give the path of a file, or redirect standard input: < FILE.");
    }

    /// <summary>The flags of an open file (proc(5)); those of a file of this process when there is none.</summary>
    private static long FlagsOf(string information)
    {
        try
        {
            string? line = File.ReadLines(information).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
            return line is null ? 0 : Convert.ToInt64(line["flags:".Length..].Trim(), fromBase: 8);
        }
        catch (FileNotFoundException)
        {
            return OpenedByThisProcess;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
