namespace TransformFramework.Fuzz.Mutation;

/// <summary>Damages a model: a few changes to one of its files, by bytes or by the structure of messages and tables.</summary>
internal static class Mutator
{
    private const int MostChanges = 4;

    /// <summary>A damaged copy of a model.</summary>
    public static Dictionary<string, byte[]> Mutate(Dictionary<string, byte[]> seed, IReadOnlyList<Dictionary<string, byte[]>> others, Random random)
    {
        var model = new Dictionary<string, byte[]>(seed, StringComparer.Ordinal);
        for (int i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            string name = model.Keys.ElementAt(random.Next(model.Count));
            if (random.Next(60) == 0 && model.Count > 1)
            {
                model.Remove(name);
                continue;
            }
            Dictionary<string, byte[]> other = others[random.Next(others.Count)];
            byte[] strange = other.Values.ElementAt(random.Next(other.Count));
            model[name] = Change(name, model[name], strange, random);
        }
        return model;
    }

    private static byte[] Change(string name, byte[] content, byte[] strange, Random random)
    {
        bool isMessage = name.EndsWith(".pb", StringComparison.Ordinal) || name.EndsWith(".meta", StringComparison.Ordinal);
        if (isMessage && random.Next(4) > 0)
            return MessageMutation.Change(content, random);
        if (TableMutation.IsTable(content) && random.Next(4) > 0)
            return TableMutation.Change(content, random);
        return ByteMutation.Change(content, strange, random);
    }
}
