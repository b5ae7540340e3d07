using System.Text.RegularExpressions;
using TransformFramework.Cpu;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>The benchmark of microkernels lists the whole catalogue and times what the machine has.</summary>
public sealed class MicrokernelBenchmarkTests
{
    [Fact]
    public void Every_kernel_of_the_catalogue_is_listed_and_timed_or_skipped()
    {
        var kernels = new MicrokernelBenchmark { Batches = 1, BatchTime = TimeSpan.Zero }.Run(new CpuBackend(), CancellationToken.None);
        string page = File.ReadAllText(RepositoryFiles.PathOf("docs/microkernels.md"));
        var listed = Regex.Matches(page, @"^\| `(\w+__\w+)` \|", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Select(row => row.Groups[1].Value);
        Assert.Equal(listed, kernels.Select(kernel => kernel.Name));
        Assert.All(kernels.Where(kernel => kernel.Name.EndsWith("__scalar", StringComparison.Ordinal)), kernel => Assert.True(kernel.Trial is { Operations: > 0 } && kernel.Nanoseconds > 0));
        Assert.All(kernels, kernel => Assert.Equal(kernel.Trial is null, kernel.Times is null));
    }

    [Fact]
    public void It_ends_when_it_is_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => new MicrokernelBenchmark { BatchTime = TimeSpan.Zero }.Run(new CpuBackend(), new CancellationToken(canceled: true)));
}
