using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransformFramework.Fuzz;

/// <summary>Damages of JSON that leave it JSON: values changed, removed, exchanged, nested.</summary>
internal static class JsonMutation
{
    private static readonly string[] Values = ["null", "true", "-1", "0", "1", "3", "1e9", "-2147483648", "9007199254740993", "1e308", "0.5", "\"\"", "\"same\"", "\"relu\"", "\"float16\"", "\"Dense\"", "[]", "[1, 2]", "[[1]]", "{}", "{\"class_name\": \"Add\", \"config\": {}}"];

    /// <summary>The text with one to four damages.</summary>
    public static string Apply(string text, Random random)
    {
        JsonNode root = JsonNode.Parse(text, null, new() { MaxDepth = 512 })!;
        for (int count = random.Next(1, 5); count > 0; count--)
            Once(root, random);
        return root.ToJsonString();
    }

    private static void Once(JsonNode root, Random random)
    {
        JsonNode[] parents = [.. Containers(root)];
        JsonNode parent = parents[random.Next(parents.Length)];
        if (parent is JsonArray array && array.Count > 0)
        {
            int index = random.Next(array.Count);
            if (random.Next(3) == 0)
                array.RemoveAt(index);
            else
                array[index] = Value(array[index], parents, random);
        }
        else if (parent is JsonObject map && map.Count > 0)
        {
            string key = map.ElementAt(random.Next(map.Count)).Key;
            if (random.Next(4) == 0)
                map.Remove(key);
            else
                map[key] = Value(map[key], parents, random);
        }
    }

    private static JsonNode? Value(JsonNode? old, JsonNode[] parents, Random random)
    {
        if (random.Next(6) == 0)
            return parents[random.Next(parents.Length)].DeepClone();
        if (old is JsonValue value && value.GetValueKind() == JsonValueKind.Number && random.Next(2) == 0)
            return JsonValue.Create(value.GetValue<double>() + random.Next(-3, 4));
        return JsonNode.Parse(Values[random.Next(Values.Length)]);
    }

    private static IEnumerable<JsonNode> Containers(JsonNode node)
    {
        yield return node;
        IEnumerable<JsonNode?> children = node switch
        {
            JsonArray array => array,
            JsonObject map => map.Select(entry => entry.Value),
            _ => [],
        };
        foreach (JsonNode child in children.Where(child => child is JsonArray or JsonObject).SelectMany(child => Containers(child!)))
            yield return child;
    }
}
