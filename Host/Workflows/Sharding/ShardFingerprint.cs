using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Workflows.Sharding;

/// <summary>What the result of a shard depends on beside its number. Shards of the same fingerprint belong together, and a finished one is as good as a new one.</summary>
/// <param name="Program">Version of the program.</param>
/// <param name="Graph">Hash of the graphs.</param>
/// <param name="Options">The options that matter, with their values.</param>
/// <param name="Data">Hash of the list of data.</param>
public sealed record ShardFingerprint(string Program, string Graph, string Options, string Data)
{
    /// <summary>Whether this version of the program made it, and can read the result.</summary>
    [JsonIgnore]
    public bool IsOfThisProgram => Program == ProgramVersion;

    /// <summary>The fingerprint of work of this program.</summary>
    /// <param name="graphs">The graphs that are run.</param>
    /// <param name="options">The options that matter, with their values.</param>
    /// <param name="data">Hash of the list of data.</param>
    /// <param name="cancellation">Ends the hashing.</param>
    public static ShardFingerprint Of(IEnumerable<Graph> graphs, string options, string data, CancellationToken cancellation) =>
        new(ProgramVersion, string.Join('+', graphs.Select(graph => HashOf(graph, cancellation))), options, data);

    /// <summary>The hash of a text.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>In what another fingerprint differs, for people; empty for the same.</summary>
    public ImmutableArray<string> DifferencesFrom(ShardFingerprint other)
    {
        var differences = ImmutableArray.CreateBuilder<string>();
        if (Program != other.Program)
            differences.Add($"the program ({Program}, not {other.Program})");
        if (Graph != other.Graph)
            differences.Add("the graph");
        if (Options != other.Options)
            differences.Add($"the options ({Described(Options)}, not {Described(other.Options)})");
        if (Data != other.Data)
            differences.Add("the list of data");
        return differences.ToImmutable();
    }

    private static string ProgramVersion { get; } = typeof(ShardFingerprint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string Described(string options) => options.Length == 0 ? "none" : options;

    private static string HashOf(Graph graph, CancellationToken cancellation)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
            GraphDefWriter.Write(graph, stream, cancellation);
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
