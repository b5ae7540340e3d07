using System.Globalization;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows the times of microkernels as a table or for programs.</summary>
internal static class MicrokernelTable
{
    public static string Text(IReadOnlyList<MicrokernelMeasurement> kernels)
    {
        int name = kernels.Max(kernel => kernel.Name.Length);
        int size = kernels.Max(kernel => kernel.Trial?.Size.Length ?? 0);
        var lines = kernels.Select(kernel => kernel.Trial is { } trial
            ? string.Create(CultureInfo.InvariantCulture, $"{kernel.Name.PadRight(name)}  {trial.Size.PadLeft(size)} {kernel.Nanoseconds,12:F1} {kernel.BillionOperations,10:F2}")
            : $"{kernel.Name.PadRight(name)}  skipped: this machine lacks its instructions");
        return string.Join('\n', lines.Prepend($"{"kernel".PadRight(name)}  {"size".PadLeft(size)} {"ns a call",12} {"GOP/s",10}"));
    }

    /// <summary>The measurements as an object that serializes to JSON.</summary>
    public static object ToReport(IReadOnlyList<MicrokernelMeasurement> kernels, string instructionSet) => new
    {
        schema_version = 1,
        instruction_set = instructionSet,
        microkernels = kernels.Select(kernel => new
        {
            name = kernel.Name,
            is_skipped = kernel.Trial is null,
            size = kernel.Trial?.Size,
            operations = kernel.Trial?.Operations,
            nanoseconds = kernel.Nanoseconds,
            billion_operations_per_second = kernel.BillionOperations,
        }),
    };
}
