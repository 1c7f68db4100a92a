#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{id}")]
pub struct Page<K, T: Clone, const N: usize>
where
    T: PartialEq,
{
    #[put(key)]
    id: Id<K>,
    items: Vec<T>,
    size: Size<N>,
}
