using System.Collections.Frozen;
using System.Text.Json;
using TransformFramework.Cpu.Oracle;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;

namespace TransformFramework.Cpu;

/// <summary>Every recorded case of the real kernels, op by op. Deliberate deviations are listed in <c>Oracle/deviations.jsonl</c> with a reason.</summary>
public sealed class KernelOracleTests
{
    private static readonly FrozenDictionary<string, string> Deviations = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "deviations.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .ToFrozenDictionary(json => json.GetProperty("id").GetString()!, json => json.GetProperty("reason").GetString()!);

    private readonly CpuBackend backend = new();

    public static TheoryData<string> Groups => [.. KernelOracle.Groups];

    [SkippableTheory]
    [MemberData(nameof(Groups))]
    public void AgreesWithTheRealKernels(string group)
    {
        string op = group.Replace("-mkl", "", StringComparison.Ordinal);
        Skip.If(!op.StartsWith("Graph_", StringComparison.Ordinal) && !backend.Supports(op), $"no kernel for {op} yet");
        var records = KernelOracle.Records(group);
        string[] failures = [.. records.Select(record => (record.Id, Failure: Check(record)))
            .Where(result => (result.Failure is null) == Deviations.ContainsKey(result.Id))
            .Select(result => $"{result.Id}: {result.Failure ?? "agrees, though it is listed as a deviation"}")];
        Assert.True(failures.Length == 0, $"{failures.Length} of {records.Count} cases differ:\n{string.Join('\n', failures)}");
    }

    private string? Check(OracleRecord record)
    {
        try
        {
            var (graph, fetches, feeds) = record.Build();
            var results = backend.Compile(graph, fetches, CompileOptions.Default).Run(feeds);
            if (record.ErrorCode is not null)
                return $"is not refused ({record.ErrorCode})";
            for (int i = 0; i < record.Outputs.Length; i++)
            {
                if (record.Tolerance.Difference(record.Outputs[i].Value, results[i], i) is { } difference)
                    return $"output '{record.Outputs[i].Name}': {difference}";
            }
            return null;
        }
        catch (ExecutionException error) when (record.ErrorCode is { } code)
        {
            return Fits(code, error.Kind) ? null : $"refused with {error.Kind}, not {code}: {error.Message}";
        }
        catch (ExecutionException error)
        {
            return $"refused ({error.Kind}): {error.Message}";
        }
    }

    private static bool Fits(string code, StatusKind kind) => code switch
    {
        "INVALID_ARGUMENT" or "ValueError" => kind == StatusKind.InvalidArgument,
        "UNIMPLEMENTED" => kind == StatusKind.Unimplemented,
        "INTERNAL" => kind == StatusKind.Internal,
        "OUT_OF_RANGE" => kind == StatusKind.OutOfRange,
        _ => true,
    };
}
