using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransformFramework.Workflows.Sharding;

/// <summary>The first line of a shard's file, JSON: whose part of which work it is. Its content follows.</summary>
public sealed partial record ShardHeader
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    public int SchemaVersion { get; init; } = Version;

    /// <summary>The step of the work, such as <c>calibrate</c>.</summary>
    public required string Step { get; init; }

    /// <summary>Index of the shard, from 0.</summary>
    public required int Shard { get; init; }

    /// <summary>Number of shards.</summary>
    public required int Shards { get; init; }

    /// <summary>What the result depends on.</summary>
    public required ShardFingerprint Fingerprint { get; init; }

    /// <summary>How many samples or candidates were worked on.</summary>
    public required long Items { get; init; }

    /// <summary>Number of broken samples that were left out.</summary>
    public required int Bad { get; init; }

    /// <summary>Length of the content.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The line, without its end.</summary>
    public byte[] ToLine() => JsonSerializer.SerializeToUtf8Bytes(this, HeaderFormat.Default.ShardHeader);

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">It is not such a line.</exception>
    public static ShardHeader Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            ShardHeader? header = JsonSerializer.Deserialize(line, HeaderFormat.Default.ShardHeader);
            return header is { SchemaVersion: Version, Step: not null, Sha256: not null, Fingerprint: { Program: not null, Graph: not null, Options: not null, Data: not null }, Bytes: >= 0, Items: >= 0, Bad: >= 0, Shard: >= 0 } && header.Shard < header.Shards
                ? header
                : throw new InvalidDataException($"it is not of version {Version} of the format");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidDataException("its first line is not that of a shard", error);
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ShardHeader))]
    private sealed partial class HeaderFormat : JsonSerializerContext;
}
