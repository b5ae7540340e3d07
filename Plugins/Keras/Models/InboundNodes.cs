using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Models;

/// <summary>
/// Calls of a layer as the configuration writes them. Keras 1 and 2: <c>[[["x", 0, 0, {kwargs}], …], …]</c>, tensors in the keywords as <c>["x", 0, 0]</c>; Keras 3: <c>[{"args": […], "kwargs": {…}}]</c>
/// with <c>__keras_tensor__</c> objects.
/// </summary>
internal static class InboundNodes
{
    private const int MaxDepth = 32;

    /// <summary>The tensors that a call needs.</summary>
    public static IEnumerable<NodeReference> References(JsonElement call, Func<string, bool> isLayer) => IsNew(call)
        ? NewReferences(call.TryGetProperty("args", out JsonElement args) ? args : default).Concat(NewReferences(call.TryGetProperty("kwargs", out JsonElement kwargs) ? kwargs : default))
        : Old(call).SelectMany(entry => OldReferences(entry, isLayer));

    /// <summary>The arguments of a call.</summary>
    /// <param name="call">The JSON of the call.</param>
    /// <param name="isLayer">True for the name of a layer.</param>
    /// <param name="find">The tensor of a reference.</param>
    public static CallArguments Arguments(JsonElement call, Func<string, bool> isLayer, Func<NodeReference, Symbol> find)
    {
        var named = ImmutableDictionary.CreateBuilder<string, Argument>(StringComparer.Ordinal);
        if (IsNew(call))
        {
            ImmutableArray<Argument> positional = call.TryGetProperty("args", out JsonElement args) && args.ValueKind == JsonValueKind.Array ? [.. args.EnumerateArray().Select(item => New(item, find, 0))] : [];
            if (call.TryGetProperty("kwargs", out JsonElement kwargs) && kwargs.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty entry in kwargs.EnumerateObject())
                    named[entry.Name] = New(entry.Value, find, 0);
            }
            return new(positional, named.ToImmutable());
        }
        var tensors = ImmutableArray.CreateBuilder<Argument>();
        foreach (JsonElement entry in Old(call))
        {
            JsonElement[] parts = [.. entry.EnumerateArray()];
            tensors.Add(IsConstant(entry) ? new ValueArgument(parts[2]) : new TensorArgument(find(ReferenceOf(entry))));
            if (parts.Length < 4 || parts[3].ValueKind != JsonValueKind.Object)
                continue;
            foreach (JsonProperty keyword in parts[3].EnumerateObject())
                named[keyword.Name] = OldKeyword(keyword.Value, isLayer, find, 0);
        }
        return new(tensors.ToImmutable(), named.ToImmutable());
    }

    /// <summary>A reference <c>["x", 0, 0]</c>.</summary>
    /// <exception cref="KerasException">It is none.</exception>
    public static NodeReference ReferenceOf(JsonElement element)
    {
        if (!IsReferenceLike(element))
            throw KerasException.Configuration($"'{Shorten(element)}' does not name an output of a layer");
        JsonElement[] parts = [.. element.EnumerateArray()];
        return new(parts[0].GetString()!, parts[1].GetInt32(), parts[2].GetInt32());
    }

    /// <summary>True for <c>["x", 0, 0]</c>.</summary>
    public static bool IsReferenceLike(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array && element.GetArrayLength() >= 3 && element[0].ValueKind == JsonValueKind.String
        && element[1].ValueKind == JsonValueKind.Number && element[1].TryGetInt32(out int node) && node >= 0 && element[2].ValueKind == JsonValueKind.Number && element[2].TryGetInt32(out int tensor) && tensor >= 0;

    private static bool IsNew(JsonElement call) => call.ValueKind == JsonValueKind.Object;

    private static IEnumerable<JsonElement> Old(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Array)
            throw KerasException.Configuration($"inbound_nodes has '{Shorten(call)}'");
        if (IsReferenceLike(call) || IsConstant(call))
            return [call];
        JsonElement[] entries = [.. call.EnumerateArray()];
        foreach (JsonElement entry in entries)
        {
            if (!IsReferenceLike(entry) && !IsConstant(entry))
                throw KerasException.Configuration($"inbound_nodes has '{Shorten(entry)}'");
        }
        return entries;
    }

    private static bool IsConstant(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() >= 3 && entry[0].ValueKind == JsonValueKind.String && entry[0].GetString() == "_CONSTANT_VALUE";

    private static IEnumerable<NodeReference> OldReferences(JsonElement entry, Func<string, bool> isLayer)
    {
        if (!IsConstant(entry))
            yield return ReferenceOf(entry);
        if (entry.GetArrayLength() < 4 || entry[3].ValueKind != JsonValueKind.Object)
            yield break;
        foreach (JsonProperty keyword in entry[3].EnumerateObject())
        {
            foreach (NodeReference reference in Nested(keyword.Value, isLayer, 0))
                yield return reference;
        }
    }

    private static IEnumerable<NodeReference> Nested(JsonElement value, Func<string, bool> isLayer, int depth)
    {
        if (depth > MaxDepth)
            throw KerasException.Configuration("arguments of a call are nested too deep");
        if (IsReference(value, isLayer))
            return [ReferenceOf(value)];
        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Nested(item, isLayer, depth + 1)),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(item => Nested(item.Value, isLayer, depth + 1)),
            _ => [],
        };
    }

    private static bool IsReference(JsonElement value, Func<string, bool> isLayer) => IsReferenceLike(value) && value.GetArrayLength() == 3 && isLayer(value[0].GetString()!);

    private static Argument OldKeyword(JsonElement value, Func<string, bool> isLayer, Func<NodeReference, Symbol> find, int depth)
    {
        if (depth > MaxDepth)
            throw KerasException.Configuration("arguments of a call are nested too deep");
        if (IsReference(value, isLayer))
            return new TensorArgument(find(ReferenceOf(value)));
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Any(item => Nested(item, isLayer, depth).Any() || IsSlice(item)))
            return new ListArgument([.. value.EnumerateArray().Select(item => OldKeyword(item, isLayer, find, depth + 1))]);
        if (IsSlice(value))
        {
            return new SliceArgument(Bound("start"), Bound("stop"), Bound("step"));

            Argument? Bound(string key) => value.TryGetProperty(key, out JsonElement bound) && bound.ValueKind != JsonValueKind.Null ? OldKeyword(bound, isLayer, find, depth + 1) : null;
        }
        return new ValueArgument(value);
    }

    private static bool IsSlice(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("start", out _) && value.TryGetProperty("stop", out _);

    private static IEnumerable<NodeReference> NewReferences(JsonElement value, int depth = 0)
    {
        if (depth > MaxDepth)
            throw KerasException.Configuration("arguments of a call are nested too deep");
        if (ClassOf(value) == "__keras_tensor__")
            return [History(value)];
        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany(item => NewReferences(item, depth + 1)),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(item => NewReferences(item.Value, depth + 1)),
            _ => [],
        };
    }

    private static Argument New(JsonElement value, Func<NodeReference, Symbol> find, int depth)
    {
        if (depth > MaxDepth)
            throw KerasException.Configuration("arguments of a call are nested too deep");
        if (ClassOf(value) == "__keras_tensor__")
            return new TensorArgument(find(History(value)));
        if (ClassOf(value) == "__slice__" && value.TryGetProperty("config", out JsonElement slice) && slice.ValueKind == JsonValueKind.Object)
        {
            return new SliceArgument(Bound("start"), Bound("stop"), Bound("step"));

            Argument? Bound(string key) => slice.TryGetProperty(key, out JsonElement bound) && bound.ValueKind != JsonValueKind.Null ? New(bound, find, depth + 1) : null;
        }
        if (ClassOf(value) == "__tuple__" && value.TryGetProperty("config", out JsonElement tuple) && tuple.ValueKind == JsonValueKind.Object && tuple.TryGetProperty("items", out JsonElement items))
            return New(items, find, depth + 1);
        if (value.ValueKind == JsonValueKind.Array && (NewReferences(value).Any() || value.EnumerateArray().Any(item => ClassOf(item) is "__slice__" or "__ellipsis__")))
            return new ListArgument([.. value.EnumerateArray().Select(item => New(item, find, depth + 1))]);
        if (value.ValueKind == JsonValueKind.Object && ClassOf(value) is null && NewReferences(value).Any())
            return new ListArgument([.. value.EnumerateObject().OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => New(entry.Value, find, depth + 1))]);
        return new ValueArgument(value);
    }

    private static NodeReference History(JsonElement tensor)
    {
        if (tensor.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("keras_history", out JsonElement history))
            return ReferenceOf(history);
        throw KerasException.Configuration("a tensor without keras_history");
    }

    private static string? ClassOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("class_name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static string Shorten(JsonElement element)
    {
        string text = element.ValueKind == JsonValueKind.Undefined ? "nothing" : element.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
