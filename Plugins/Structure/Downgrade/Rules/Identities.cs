using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Ops that pass a tensor on, or nearly.</summary>
internal static class Identities
{
    public static Decline? PassOn(DowngradeSite site) =>
        site.Become(new Node(site.Node.Name, "Identity", site.Inputs[0]) { Device = site.Node.Device }.With("T", site.Type(site.Inputs[0])));

    public static Decline? ConjugateTranspose(DowngradeSite site)
    {
        NodeInput x = site.Inputs[0];
        NodeInput turned = site.Add("Transpose", [x, site.Inputs[1]], ("T", site.Type(x)), ("Tperm", site.Type(site.Inputs[1])));
        return site.Replace(site.Type(x) is DataType.Complex64 or DataType.Complex128 ? site.Unary("Conj", turned) : turned);
    }
}
