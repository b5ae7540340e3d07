using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Random numbers from a seed: the older ops give the same bits as the Philox algorithm (1, and 3 on a CPU) with the key and counter of the seed.</summary>
internal static class StatelessRandom
{
    public static Decline? Rewrite(DowngradeSite site)
    {
        Node node = site.Node;
        if (site.Graph.Find(site.Inputs[1].Node) is not { Op: "StatelessRandomGetKeyCounter" } keys)
            return site.Decline("its key does not come from StatelessRandomGetKeyCounter");
        bool isPhilox = site.Integers(site.Inputs[3]) is [1 or 3] || site.Graph.Find(site.Inputs[3].Node)?.Op == "StatelessRandomGetAlg";
        if (!isPhilox)
            return site.Decline("its algorithm is not Philox (1)");
        NodeInput shape = site.Inputs[0];
        NodeInput seed = keys.Inputs[0];
        return site.Replace(site.Add(
            node.Op[..^"V2".Length],
            [shape, seed, .. site.Inputs.Skip(4)],
            ("dtype", node.Type("dtype", DataType.Float)),
            ("T", site.Type(shape)),
            ("Tseed", site.Type(seed))));
    }
}
